; The capture names are those of every language; see ../README.md.

(document (object (pair key: (string (string_content) @name)) @definition.section))
(document (object (pair value: (object (pair key: (string (string_content) @name)) @definition.section))))

(comment) @comment
