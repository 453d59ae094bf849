; The capture names are those of every language; see ../README.md.

(function_definition name: (identifier) @name) @definition.function
(class_definition name: (identifier) @name) @definition.class
(module (expression_statement (assignment left: (identifier) @name) @definition.variable))
(module (if_statement consequence: (block
  (expression_statement (assignment left: (identifier) @name) @definition.variable))))
(module (try_statement body: (block
  (expression_statement (assignment left: (identifier) @name) @definition.variable))))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @definition.field)))
(type_alias_statement left: (type (identifier) @name)) @definition.type
(type_alias_statement left: (type (generic_type (identifier) @name))) @definition.type
(decorated_definition) @outer

(function_definition body: (block . (expression_statement (string) @doc)))
(class_definition body: (block . (expression_statement (string) @doc)))

(class_definition superclasses: (argument_list [(identifier) (attribute)] @parent))
(class_definition superclasses: (argument_list (subscript value: [(identifier) (attribute)] @parent)))

(call function: (_) @call)
(decorator [(identifier) (attribute)] @call)

(import_statement) @import
(import_statement name: (dotted_name) @import.module)
(import_statement name: (aliased_import name: (dotted_name) @import.module alias: (identifier) @import.alias))
(future_import_statement) @import
(future_import_statement name: (dotted_name) @import.name)
(import_from_statement) @import
(import_from_statement module_name: (_) @import.module)
(import_from_statement name: (dotted_name) @import.name)
(import_from_statement name: (aliased_import name: (dotted_name) @import.name alias: (identifier) @import.alias))
(import_from_statement (wildcard_import) @import.name)

(string_content) @string
(comment) @comment
