"""A repository of the fake forge as tests use it: what people do there, and what was made there."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.protocol.forge import Permission
from tests.forge import git, git_http
from tests.forge.events import Events
from tests.forge.world import (
    Artifact,
    Check,
    Comment,
    Hosted,
    Job,
    Labeling,
    Pull,
    Review,
    Run,
    Status,
    Thread,
    User,
    World,
    stamp,
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return files in an archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


class Repository:
    """Acts as people do; whatever happens is told to whoever `FakeForge.hook` names."""

    def __init__(self, world: World, events: Events, hosted: Hosted) -> None:
        self._world, self._events, self.hosted = world, events, hosted

    @property
    def name(self) -> str:
        """Return `owner/name`."""
        return self.hosted.full_name

    @property
    def path(self) -> Path:
        """Return the folder of the bare repository."""
        return self.hosted.path

    @property
    def url(self) -> str:
        """Return where git fetches it from."""
        return f"{self._world.web}/{self.name}.git"

    def grant(self, login: str, permission: Permission) -> None:
        """Let somebody do this much."""
        with self._world.lock:
            self._world.user(login)
            self.hosted.granted[login] = permission

    def protect(self, glob: str) -> None:
        """Let nobody force or delete these branches; the default branch always is protected."""
        self.hosted.protected.append(glob)

    def fork(self, login: str) -> "Repository":
        """Return somebody's fork; it is made when there is none."""
        with self._world.lock:
            owner = self._world.user(login)
            known = self._world.repository(f"{login}/{self.hosted.name}")
            if known is None:
                path = self._world.folder / login / f"{self.hosted.name}.git"
                git.copy(self.path, path)
                git_http.install_rules(path)
                known = Hosted(self._world.new_id(), owner, self.hosted.name, path, fork_of=self.hosted)
                known.installed, known.private = False, self.hosted.private
                known.default_branch = self.hosted.default_branch
                self._world.repositories[known.full_name.lower()] = known
            return Repository(self._world, self._events, known)

    def rename(self, name: str) -> None:
        """Give it another name; who asks for the old one is sent to the new one."""
        with self._world.lock:
            old = self.name.lower()
            self.hosted.name = name
            self._world.renamed[old] = self._world.repositories[self.name.lower()] = (
                self._world.repositories.pop(old)
            )

    def delete(self) -> None:
        """Remove it, as somebody does with a fork whose pull request is still open."""
        with self._world.lock:
            del self._world.repositories[self.name.lower()]
            for thread in self.hosted.fork_of.threads.values() if self.hosted.fork_of else ():
                if thread.pull and thread.pull.head is self.hosted:
                    thread.pull.head = None

    def commit(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        message: str = "change",
        *,
        onto: str | None = None,
        author: str | None = None,
    ) -> str:
        """Commit files (None removes one) on a branch, on top of `onto` when it is new; return the commit."""
        with self._world.lock:
            parent = git.tip(self.path, branch) or git.resolve(self.path, onto or self.hosted.default_branch)
            made = git.commit(self.path, branch, files, message, parent)
            self._told_of_moves(author)
        return made

    def move(
        self, branch: str, commit: str, source: Path | None = None, *, author: str | None = None
    ) -> None:
        """Let a branch stand elsewhere, as after a push (forced or not); `source` is a clone that has it."""
        with self._world.lock:
            git.take(self.path, source or self.path, commit, f"refs/heads/{branch}")
            self._told_of_moves(author)

    def delete_branch(self, branch: str) -> None:
        """Remove a branch."""
        with self._world.lock:
            git.run(self.path, "update-ref", "-d", f"refs/heads/{branch}")

    def open_pull(
        self,
        head_branch: str,
        base: str = "main",
        *,
        author: str | None = None,
        from_fork: "str | Repository | None" = None,
        title: str = "A change",
        body: str = "",
        draft: bool = False,
    ) -> int:
        """Open a pull request from a branch of this repository, or of somebody's fork; return its number."""
        with self._world.lock:
            origin = self.fork(from_fork) if isinstance(from_fork, str) else from_fork or self
            who = self._who(author or (origin.hosted.owner.login if origin is not self else None))
            tip, onto = git.tip(origin.path, head_branch), git.tip(self.path, base)
            assert tip and onto, f"no branch {head_branch} or {base}"
            pull = Pull(origin.hosted, head_branch, base, tip, onto, draft=draft)
            number = self.hosted.next_number()
            thread = Thread(self._world.new_id(), number, title, body, who, pull=pull)
            self.hosted.threads[number] = thread
            self.hosted.set_head(thread, tip)
            self._events.tell("pull_request", "opened", self.hosted, who, thread=thread)
        return number

    def open_issue(self, title: str, body: str = "", author: str | None = None) -> int:
        """Open an issue; return its number."""
        with self._world.lock:
            number = self.hosted.next_number()
            thread = Thread(self._world.new_id(), number, title, body, self._who(author))
            self.hosted.threads[number] = thread
            self._events.tell("issues", "opened", self.hosted, thread.author, thread=thread)
        return number

    def close(self, number: int, author: str | None = None) -> None:
        """Close an issue or a pull request."""
        with self._world.lock:
            thread = self.hosted.threads[number]
            thread.state, thread.changed_at = "closed", stamp()
            event = "pull_request" if thread.pull else "issues"
            self._events.tell(event, "closed", self.hosted, self._who(author), thread=thread)

    def comment(self, number: int, author: str, body: str) -> int:
        """Comment on an issue or a pull request; return the comment's id."""
        with self._world.lock:
            thread, who = self.hosted.threads[number], self._who(author)
            said = Comment(self._world.new_id(), who, body)
            thread.comments.append(said)
            thread.changed_at = said.at
            self._events.tell("issue_comment", "created", self.hosted, who, thread=thread, comment=said)
        return said.id

    def comment_on_line(
        self, number: int, author: str, body: str, path: str, line: int, *, start_line: int | None = None
    ) -> int:
        """Comment on a line of a pull request; return the comment's id."""
        with self._world.lock:
            thread, who = self.hosted.threads[number], self._who(author)
            assert thread.pull
            said = Comment(self._world.new_id(), who, body, path=path, line=line, start_line=start_line)
            said.commit, said.hunk = thread.pull.head_commit, "@@ -1 +1 @@"
            thread.pull.line_comments.append(said)
            event = "pull_request_review_comment"
            self._events.tell(event, "created", self.hosted, who, thread=thread, comment=said)
        return said.id

    def edit(self, comment: int, body: str, author: str | None = None) -> None:
        """Change the text of a comment, as its author or somebody else."""
        with self._world.lock:
            thread, said = self._comment(comment)
            before, said.body, said.changed_at = said.body, body, stamp()
            who = self._who(author) if author else said.author
            event = "pull_request_review_comment" if said.path else "issue_comment"
            about = {"thread": thread, "comment": said, "before": before}
            self._events.tell(event, "edited", self.hosted, who, **about)

    def rewrite(self, number: int, body: str, title: str | None = None) -> None:
        """Change what an issue or a pull request says, which its author may do, too."""
        with self._world.lock:
            thread = self.hosted.threads[number]
            if title is not None:
                thread.title, thread.titles_at = title, [*thread.titles_at, stamp()]
            if body != thread.body:
                thread.body, thread.text_at = body, stamp()
            thread.changed_at = stamp()

    def label(self, number: int, name: str, author: str | None = None) -> None:
        """Give an issue or pull request a label."""
        with self._world.lock:
            thread, who = self.hosted.threads[number], self._who(author)
            if name not in thread.labels:
                thread.labels.append(name)
            thread.changed_at = stamp()
            self.hosted.labelings.append(Labeling(self._world.new_id(), thread, name, who))
            event = "pull_request" if thread.pull else "issues"
            self._events.tell(event, "labeled", self.hosted, who, thread=thread, label=name)

    def fail_run(
        self,
        workflow_path: str,
        job: str,
        step: str,
        log: str,
        head: str,
        *,
        name: str = "CI",
        branch: str | None = None,
        event: str = "push",
        conclusion: str = "failure",
        steps: Sequence[tuple[str, str]] | None = None,
        labels: Sequence[str] = ("ubuntu-latest",),
        actor: str | None = None,
        triggered_by: str | None = None,
        pulls: Sequence[int] | None = None,
        origin: "Repository | None" = None,
    ) -> int:
        """Let a workflow run fail; return its id. `steps` are those of the job, with their conclusions."""
        with self._world.lock:
            heads = {
                n: t.pull for n, t in self.hosted.threads.items() if t.pull and t.pull.head_commit == head
            }
            found = next((pull.head_branch for pull in heads.values()), self.hosted.default_branch)
            # GitHub names only the pull requests from this very repository.
            own = [number for number, pull in heads.items() if pull.head is self.hosted]
            made = Run(
                id=self._world.new_id(),
                name=name,
                path=workflow_path,
                event=event,
                conclusion=conclusion,
                head=head,
                branch=branch or found,
                origin=(origin or self).hosted,
                actor=self._who(actor),
                triggered_by=self._who(triggered_by or actor),
                pulls=own if pulls is None else list(pulls),
                attempts=[],
            )
            self.hosted.runs[made.id] = made
            self._attempt(made, job, steps or [("Set up job", "success"), (step, conclusion)], log, labels)
        return made.id

    def add_job(
        self,
        run: int,
        job: str,
        steps: Sequence[tuple[str, str]],
        log: str,
        *,
        conclusion: str = "success",
        labels: Sequence[str] = ("ubuntu-latest",),
    ) -> int:
        """Give the last attempt of a run one job more; return its id."""
        with self._world.lock:
            made = Job(self._world.new_id(), job, conclusion, list(labels), list(steps), log)
            self.hosted.runs[run].attempts[-1].append(made)
        return made.id

    def add_artifact(
        self, run: int, name: str, files: Mapping[str, str | bytes] | bytes, *, expired: bool = False
    ) -> int:
        """Let a run keep files in an archive, or bytes in the place of one; return its id."""
        with self._world.lock:
            content = files if isinstance(files, bytes) else zipped(files)
            made = Artifact(self._world.new_id(), name, content, expired)
            self.hosted.runs[run].artifacts.append(made)
        return made.id

    def rerun(
        self, run: int, log: str, *, conclusion: str = "failure", triggered_by: str | None = None
    ) -> int:
        """Let a run go once more, with another log for its job; return the number of the attempt."""
        with self._world.lock:
            kept = self.hosted.runs[run]
            last = kept.attempts[-1][0]
            kept.conclusion, kept.triggered_by = conclusion, self._who(triggered_by)
            self._attempt(kept, last.name, last.steps, log, last.labels)
        return len(kept.attempts)

    def _attempt(
        self, run: Run, job: str, steps: Sequence[tuple[str, str]], log: str, labels: Sequence[str]
    ) -> None:
        made = Job(self._world.new_id(), job, run.conclusion, list(labels), list(steps), log)
        run.attempts.append([made])
        self._events.tell("workflow_run", "completed", self.hosted, run.triggered_by, run=run)

    def press(self, check: int, identifier: str, author: str | None = None) -> None:
        """Press a button of a check run."""
        with self._world.lock:
            made = self.check(check)
            about = {"check": made, "identifier": identifier}
            self._events.tell("check_run", "requested_action", self.hosted, self._who(author), **about)

    def thread(self, number: int) -> Thread:
        """Return an issue or pull request as it stands."""
        return self.hosted.threads[number]

    def head(self, number: int) -> str:
        """Return where the head of a pull request stands."""
        pull = self.hosted.threads[number].pull
        assert pull
        return pull.head_commit

    def pulls(self) -> list[Thread]:
        """Return the pull requests, oldest first."""
        return [thread for thread in self.hosted.threads.values() if thread.pull]

    def comments(self, number: int) -> list[Comment]:
        """Return the comments of an issue or pull request, oldest first."""
        return list(self.hosted.threads[number].comments)

    def line_comments(self, number: int) -> list[Comment]:
        """Return the comments on lines of a pull request, those of reviews included."""
        pull = self.hosted.threads[number].pull
        return list(pull.line_comments) if pull else []

    def reviews(self, number: int) -> list[Review]:
        """Return the reviews of a pull request, oldest first."""
        pull = self.hosted.threads[number].pull
        return list(pull.reviews) if pull else []

    def checks(self, commit: str | None = None) -> list[Check]:
        """Return the check runs of a commit, or all, oldest first."""
        return [made for made in self.hosted.checks if commit in (None, made.head)]

    def check(self, number: int) -> Check:
        """Return a check run."""
        return next(made for made in self.hosted.checks if made.id == number)

    def statuses(self, commit: str) -> list[Status]:
        """Return the statuses of a commit, oldest first."""
        return [made for made in self.hosted.statuses if made.commit == commit]

    def reactions(self, comment: int) -> list[tuple[str, str]]:
        """Return who reacted to a comment, and how."""
        return [(given.user.login, given.content) for given in self._comment(comment)[1].reactions]

    def branches(self) -> Mapping[str, str]:
        """Return the branches and where they stand."""
        return git.branches(self.path)

    def text(self, branch: str, path: str) -> str:
        """Return a file as it is on a branch."""
        return git.run(self.path, "cat-file", "blob", f"{branch}:{path}").decode()

    def said(self, comment: int) -> tuple[Thread, Comment]:
        """Return a comment of either kind, and where it stands."""
        return self._comment(comment)

    def _comment(self, wanted: int) -> tuple[Thread, Comment]:
        every = [*self.hosted.all_comments(), *self.hosted.line_comments()]
        return next(pair for pair in every if pair[1].id == wanted)

    def _who(self, login: str | None) -> User:
        return self._world.user(login) if login else self.hosted.owner

    def _told_of_moves(self, author: str | None) -> None:
        for thread, before in self.hosted.move_heads():
            target = next(
                r for r in self._world.repositories.values() if r.threads.get(thread.number) is thread
            )
            about = {"thread": thread, "before": before}
            self._events.tell("pull_request", "synchronize", target, self._who(author), **about)
