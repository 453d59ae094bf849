; The capture names are those of every language; see ../README.md.

(class_declaration name: (identifier) @name) @definition.class
(struct_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.field
(delegate_declaration name: (identifier) @name) @definition.type
(namespace_declaration name: (_) @name) @definition.module
(method_declaration name: (identifier) @name) @definition.method
(constructor_declaration name: (identifier) @name) @definition.method
(local_function_statement name: (identifier) @name) @definition.function
(property_declaration name: (identifier) @name) @definition.field
(event_declaration name: (identifier) @name) @definition.field
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field

(base_list [(identifier) (qualified_name)] @parent)
(base_list (generic_name (identifier) @parent))

(attribute name: (identifier) @test (#match? @test "^(Test|TestCase|Fact|Theory|TestMethod|DataTestMethod)$"))

(invocation_expression function: [(identifier) (member_access_expression)] @call)
(invocation_expression function: (generic_name (identifier) @call))
(invocation_expression function: (member_access_expression name: (generic_name (identifier) @call)))
(invocation_expression function: (conditional_access_expression (member_binding_expression name: (identifier) @call)))
(object_creation_expression type: [(identifier) (qualified_name)] @call)
(object_creation_expression type: (generic_name (identifier) @call))

(using_directive) @import
(using_directive name: (identifier) @import.before)
(using_directive [(qualified_name) (identifier)] @import.module .)

(string_literal_content) @string
(comment) @comment
