; The capture names are those of every language; see ../README.md.

(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(annotation_type_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.field
(method_declaration name: (identifier) @name) @definition.method
(constructor_declaration name: (identifier) @name) @definition.method
(compact_constructor_declaration name: (identifier) @name) @definition.method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.constant

(superclass [(type_identifier) (scoped_type_identifier)] @parent)
(superclass (generic_type . (_) @parent))
(super_interfaces (type_list [(type_identifier) (scoped_type_identifier)] @parent))
(super_interfaces (type_list (generic_type . (_) @parent)))
(extends_interfaces (type_list [(type_identifier) (scoped_type_identifier)] @parent))
(extends_interfaces (type_list (generic_type . (_) @parent)))

(modifiers (marker_annotation name: (identifier) @test) (#match? @test "^(Test|ParameterizedTest|RepeatedTest)$"))
(modifiers (annotation name: (identifier) @test) (#match? @test "^(Test|ParameterizedTest|RepeatedTest)$"))

(method_invocation name: (identifier) @call)
(object_creation_expression type: [(type_identifier) (scoped_type_identifier)] @call)
(object_creation_expression type: (generic_type . (_) @call))
(explicit_constructor_invocation constructor: (_) @call)

(import_declaration) @import
(import_declaration (scoped_identifier) @import.module)
(import_declaration (identifier) @import.module)
(import_declaration (asterisk) @import.name)

(string_fragment) @string
(line_comment) @comment
(block_comment) @comment
