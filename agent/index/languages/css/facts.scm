; The capture names are those of every language; see ../README.md.

(rule_set (selectors) @name) @definition.section
(keyframes_statement (keyframes_name) @name) @definition.section
(media_statement) @scope
((declaration (property_name) @name) @definition.variable (#match? @name "^--"))

(import_statement [(string_value) (call_expression)] @import.module) @import

(comment) @comment
