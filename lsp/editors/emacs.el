;;; ratchet.el --- Ratchet in Emacs, by Eglot or beside other servers by lsp-mode  -*- lexical-binding: t -*-

;; Eglot gives a buffer one server.  `ratchet-eglot' makes Ratchet that one:
;;
;;   (load "/path/to/emacs.el")
;;   (add-hook 'python-mode-hook #'ratchet-eglot)
;;
;; lsp-mode gives it several; with that, `ratchet-lsp-mode-setup' is enough, and Ratchet
;; comes beside the language's own server.
;;
;; M-x eglot-code-actions   what Ratchet offers here (C-c r a)
;; M-x ratchet-run          verify, fix, show, ...   (C-c r r)
;; M-x ratchet-cancel       stop a task at work      (C-c r c)

;;; Code:

(require 'cl-lib)
(require 'subr-x)

(defgroup ratchet nil "A coding agent that proves its changes." :group 'tools)

(defcustom ratchet-command '("ratchet" "lsp")
  "How the server is started." :type '(repeat string))

(defcustom ratchet-settings nil
  "Settings that docs/editors.md lists, as a plist, e.g. (:budget 0.5 :lens :json-false)."
  :type 'plist)

(defvar ratchet-running nil
  "What is at work: an alist of progress tokens and plists with :title and :message.")

(defun ratchet--note (token value)
  "Remember under TOKEN what VALUE, a plist of `$/progress', says."
  (pcase (plist-get value :kind)
    ("end" (setq ratchet-running (assoc-delete-all token ratchet-running)))
    (_ (let ((known (copy-sequence (cdr (assoc token ratchet-running)))))
         (dolist (key '(:title :message))
           (when (plist-get value key)
             (setq known (plist-put known key (plist-get value key)))))
         (setf (alist-get token ratchet-running nil nil #'equal) known))))
  (message "%s" (ratchet--line token value)))

(defun ratchet--line (token value)
  "Return one line about TOKEN, of which VALUE was told last."
  (let ((known (cdr (assoc token ratchet-running))))
    (string-join (delq nil (list (plist-get known :title) (plist-get value :message))) ": ")))

(defun ratchet--choose-token ()
  "Return the token of something at work; ask when there are several."
  (let ((lines (mapcar (lambda (one) (cons (ratchet--line (car one) (cdr one)) (car one)))
                       ratchet-running)))
    (cond ((null lines) (user-error "Nothing is at work"))
          ((null (cdr lines)) (cdar lines))
          (t (cdr (assoc (completing-read "Stop: " lines nil t) lines))))))

;;; Eglot

(with-eval-after-load 'eglot
  (defclass ratchet-server (eglot-lsp-server) ()
    :documentation "Ratchet; shows progress in Eglot versions that do not.")

  ;; Eglot 1.9 takes progress without announcing it, so that servers send none.
  (cl-defmethod eglot-client-capabilities ((_server ratchet-server))
    (let ((told (cl-call-next-method)))
      (if (plist-get told :window)
          told
        (append told '(:window (:workDoneProgress t :showMessage (:messageActionItem nil)))))))

  (cl-defmethod eglot-initialization-options ((_server ratchet-server))
    (or ratchet-settings (make-hash-table)))

  (cl-defmethod eglot-handle-request
    ((_server ratchet-server) (_method (eql window/workDoneProgress/create)) &key token)
    (ratchet--note token '(:kind "begin"))
    nil)

  (cl-defmethod eglot-handle-notification
    ((_server ratchet-server) (_method (eql $/progress)) &key token value)
    (ratchet--note token value)))

(defun ratchet-eglot ()
  "Have Ratchet serve this buffer if it is a file in a git repository."
  (when (and buffer-file-name (locate-dominating-file buffer-file-name ".git"))
    (require 'eglot)
    (setf (alist-get major-mode eglot-server-programs) (cons 'ratchet-server ratchet-command))
    (local-set-key (kbd "C-c r a") #'eglot-code-actions)
    (local-set-key (kbd "C-c r r") #'ratchet-run)
    (local-set-key (kbd "C-c r c") #'ratchet-cancel)
    (eglot-ensure)))

(declare-function eglot-current-server "eglot")
(declare-function eglot-execute-command "eglot")
(declare-function jsonrpc-notify "jsonrpc")

(defun ratchet-run (name)
  "Run the command NAME of the server, e.g. verify, on this buffer's repository."
  (interactive (list (completing-read "Ratchet: " '("verify" "fix" "show") nil t)))
  (let* ((uri (concat "file://" (url-encode-url (file-truename buffer-file-name))))
         (command (concat "ratchet." name)))
    (if (and (fboundp 'eglot-current-server) (eglot-current-server))
        (eglot-execute-command (eglot-current-server) command (vector (list :uri uri)))
      (lsp-request "workspace/executeCommand"
                   (list :command command :arguments (vector (list :uri uri)))))))

(defun ratchet-cancel (&optional token)
  "Stop the task that shows its progress as TOKEN."
  (interactive)
  (jsonrpc-notify (eglot-current-server) :window/workDoneProgress/cancel
                  (list :token (or token (ratchet--choose-token)))))

;;; lsp-mode

(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function make-lsp-client "lsp-mode")

(defun ratchet-lsp-mode-setup ()
  "Have lsp-mode start Ratchet beside the other servers of every file in a git repository."
  (require 'lsp-mode)
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection (lambda () ratchet-command))
    :activation-fn (lambda (file &rest _) (locate-dominating-file file ".git"))
    :initialization-options (lambda () (or ratchet-settings (make-hash-table)))
    :add-on? t
    :priority -5
    :server-id 'ratchet)))

(provide 'ratchet)
;;; emacs.el ends here
