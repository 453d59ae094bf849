; The capture names are those of every language; see ../README.md.

(function_definition name: (name) @name) @definition.function
(method_declaration name: (name) @name) @definition.method
(class_declaration name: (name) @name) @definition.class
(interface_declaration name: (name) @name) @definition.interface
(trait_declaration name: (name) @name) @definition.class
(enum_declaration name: (name) @name) @definition.enum
(enum_case name: (name) @name) @definition.field
(const_declaration (const_element . (name) @name)) @definition.constant
(property_declaration (property_element name: (variable_name (name) @name))) @definition.field
(namespace_definition name: (namespace_name) @name body: (_)) @definition.module

(base_clause [(name) (qualified_name)] @parent)
(class_interface_clause [(name) (qualified_name)] @parent)
(use_declaration [(name) (qualified_name)] @parent)

(function_call_expression function: [(name) (qualified_name)] @call)
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression [(name) (qualified_name)] @call)

(namespace_use_declaration) @import
(namespace_use_declaration (namespace_name) @import.prefix)
(namespace_use_clause . [(qualified_name) (name)] @import.module)
(namespace_use_clause alias: (name) @import.alias)
(require_expression (string (string_content) @import.module)) @import
(require_once_expression (string (string_content) @import.module)) @import
(include_expression (string (string_content) @import.module)) @import
(include_once_expression (string (string_content) @import.module)) @import

(string_content) @string
(comment) @comment
