; The capture names are those of every language; see ../README.md.

(function_declaration name: (identifier) @name) @definition.function
(generator_function_declaration name: (identifier) @name) @definition.function
(class_declaration name: (identifier) @name) @definition.class
(method_definition name: [(property_identifier) (private_property_identifier)] @name) @definition.method
(field_definition property: [(property_identifier) (private_property_identifier)] @name) @definition.field
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator name: (identifier) @name value: (class)) @definition.class
(program (lexical_declaration (variable_declarator name: (identifier) @name !value) @definition.variable))
(program (variable_declaration (variable_declarator name: (identifier) @name !value) @definition.variable))
((program (lexical_declaration (variable_declarator name: (identifier) @name value: (_) @_value) @definition.variable))
  (#not-match? @_value "^require\\("))
((program (variable_declaration (variable_declarator name: (identifier) @name value: (_) @_value) @definition.variable))
  (#not-match? @_value "^require\\("))
((program (expression_statement (assignment_expression
    left: (member_expression object: (identifier) @_exports property: (property_identifier) @name)) @definition.variable))
  (#eq? @_exports "exports"))
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @definition.variable)))
(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [(arrow_function) (function_expression)]) @definition.function
(pair key: (property_identifier) @name value: [(arrow_function) (function_expression)]) @definition.method
((call_expression
  function: [(identifier) @test (member_expression object: (identifier) @test)]
  arguments: (arguments . (string (string_fragment) @name))) @definition.function
  (#match? @test "^(it|test|describe|suite|context|specify)$"))
(export_statement declaration: (_)) @outer

(class_heritage [(identifier) (member_expression)] @parent)

(call_expression function: [(identifier) (member_expression) (super)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)

(import_statement) @import
(import_statement source: (string) @import.module)
(import_clause (identifier) @import.default)
(import_clause (namespace_import (identifier) @import.namespace))
(import_specifier name: (_) @import.name)
(import_specifier alias: (_) @import.alias)
(export_statement source: (string) @import.module) @import
(export_statement (export_clause (export_specifier name: (_) @import.name)) source: (_))
((variable_declarator
  name: (identifier) @import.alias
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))) @import
  (#eq? @_require "require"))
((variable_declarator
  name: (object_pattern (shorthand_property_identifier_pattern) @import.name)
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))) @import
  (#eq? @_require "require"))

(string_fragment) @string
(comment) @comment
