; The capture names are those of every language; see ../README.md.

(function_definition declarator: (function_declarator declarator: (_) @name)) @definition.function
(function_definition declarator: [(pointer_declarator (function_declarator declarator: (_) @name)) (reference_declarator (function_declarator declarator: (_) @name))]) @definition.function
(declaration declarator: (function_declarator declarator: [(identifier) (qualified_identifier)] @name)) @definition.function
(declaration declarator: [(pointer_declarator (function_declarator declarator: [(identifier) (qualified_identifier)] @name)) (reference_declarator (function_declarator declarator: [(identifier) (qualified_identifier)] @name))]) @definition.function
(field_declaration declarator: (function_declarator declarator: (_) @name)) @definition.method
(field_declaration declarator: [(pointer_declarator (function_declarator declarator: (_) @name)) (reference_declarator (function_declarator declarator: (_) @name))]) @definition.method
(field_declaration declarator: (field_identifier) @name) @definition.field
(field_declaration declarator: [(pointer_declarator (field_identifier) @name) (array_declarator (field_identifier) @name) (reference_declarator (field_identifier) @name)]) @definition.field
(class_specifier name: (_) @name body: (_)) @definition.class
(struct_specifier name: (_) @name body: (_)) @definition.class
(union_specifier name: (_) @name body: (_)) @definition.class
(enum_specifier name: (_) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.constant
(namespace_definition name: (_) @name) @definition.module
(alias_declaration name: (type_identifier) @name) @definition.type
(type_definition declarator: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type
(preproc_def name: (identifier) @name) @definition.constant
(preproc_function_def name: (identifier) @name) @definition.macro
(translation_unit (declaration declarator: (identifier) @name) @definition.variable)
(translation_unit (declaration declarator: (init_declarator declarator: (identifier) @name)) @definition.variable)
(template_declaration) @outer

(base_class_clause [(type_identifier) (qualified_identifier)] @parent)
(base_class_clause (template_type name: (_) @parent))

(function_definition
  declarator: (function_declarator declarator: (identifier) @test)
  (#match? @test "^(TEST|TEST_F|TEST_P|TYPED_TEST|TEST_CASE|SCENARIO)$"))

(call_expression function: [(identifier) (field_expression) (qualified_identifier)] @call)
(template_function name: (identifier) @call)
(template_method name: (field_identifier) @call)
(new_expression type: [(type_identifier) (qualified_identifier)] @call)
(new_expression type: (template_type name: (_) @call))

(preproc_include path: [(string_literal) (system_lib_string)] @import.module) @import
(using_declaration [(qualified_identifier) (identifier)] @import.module) @import

(string_content) @string
(raw_string_content) @string
(comment) @comment
