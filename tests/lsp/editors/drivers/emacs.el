;;; Drives Emacs with Eglot as its user would, and writes what was seen as JSON to $RATCHET_TOLD.  -*- lexical-binding: t -*-
(require 'eglot)
(require 'flymake)
(require 'json)
(load (getenv "RATCHET_SETUP"))

(defvar seen nil "What was seen, an alist.")
(defvar offered nil "The titles of all actions that were offered.")
(defvar asked nil "The prompts that were shown.")
(defvar told nil "The lines of progress.")
(defvar patience (string-to-number (getenv "RATCHET_PATIENCE")))

(setq ratchet-command (append (json-parse-string (getenv "RATCHET_COMMAND")) nil)
      eglot-sync-connect t
      eglot-connect-timeout patience
      eglot-confirm-server-initiated-edits nil
      eglot-send-changes-idle-time 0
      flymake-no-changes-timeout 0
      create-lockfiles nil
      make-backup-files nil
      vc-handled-backends '(Git))

(defun tell ()
  (with-temp-file (getenv "RATCHET_TOLD")
    (insert (json-encode `((offered . ,(vconcat offered))
                           (asked . ,(vconcat asked))
                           (progress . ,(vconcat (reverse told)))
                           ,@seen)))))

(defun note (key value) (push (cons key value) seen))

(defun wait-for (name there)
  (let ((end (+ (float-time) patience)))
    (while (not (funcall there))
      (when (> (float-time) end)
        (note 'failed (concat "waited in vain for " name))
        (tell)
        (kill-emacs 1))
      (accept-process-output nil 0.02))))

;; The user's choice among what is offered: the first title that begins with `wanted'.
(defvar wanted nil)
(defun choose-for-user (prompt collection &rest _)
  (push prompt asked)
  (let ((titles (mapcar (lambda (one) (if (consp one) (car one) one)) collection)))
    (setq offered (append offered titles))
    (or (cl-find-if (lambda (one) (string-prefix-p wanted one)) titles)
        (progn (note 'failed (format "%s is not among %S" wanted titles)) (tell) (kill-emacs 1)))))
(advice-add 'completing-read :override #'choose-for-user)

(defun choose (title)
  (setq wanted title)
  ;; Without a last event Eglot takes it for one of the mouse, and shows a menu that batch mode has not.
  (let ((last-nonmenu-event ?\r))
    (call-interactively #'eglot-code-actions)))

(advice-add 'ratchet--note :before
            (lambda (token value) (push `((token . ,token) (kind . ,(plist-get value :kind))) told)))

(defun failing ()
  ;; Flymake starts when Emacs is idle, which batch mode never is.
  (with-current-buffer tests (flymake-start))
  (cl-find-if (lambda (one) (and (eq (flymake-diagnostic-type one) 'eglot-error)
                                 (string-match-p "test_discount" (flymake-diagnostic-text one))))
              (flymake-diagnostics)))

(add-hook 'python-mode-hook #'ratchet-eglot)
(defvar cart (find-file-noselect "cart.py"))
(defvar tests (find-file-noselect "test_cart.py"))
(switch-to-buffer cart)
;; Eglot starts what it should ensure after a command, of which batch mode has none.
(run-hooks 'post-command-hook)
(switch-to-buffer tests)
(run-hooks 'post-command-hook)
(wait-for "both files" (lambda () (and (buffer-local-value 'eglot--managed-mode cart)
                                       (buffer-local-value 'eglot--managed-mode tests))))
(note 'version (format "%s, eglot" emacs-version))

(when (equal (getenv "RATCHET_DRIVE") "fix")
  (wait-for "a failing test" #'failing)
  (note 'diagnostic (flymake-diagnostic-text (failing)))
  (goto-char (flymake-diagnostic-beg (failing)))
  (let* ((text (lambda () (with-current-buffer cart (buffer-string))))
         (before (funcall text)))
    (choose "Fix with Ratchet")
    ;; The answer to the question that comes at the end.
    (setq wanted "Apply")
    (wait-for "progress" (lambda () told))
    (wait-for "the end of progress" (lambda () (not ratchet-running)))
    (wait-for "the edit" (lambda () (not (equal before (funcall text)))))
    (note 'text (funcall text))))

(let ((server (eglot-current-server)))
  (eglot-shutdown server)
  (note 'ended (if (jsonrpc-running-p server) :json-false t)))
(tell)
(dolist (one (list cart tests))
  (with-current-buffer one (set-buffer-modified-p nil)))
(kill-emacs 0)
