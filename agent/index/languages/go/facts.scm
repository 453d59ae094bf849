; The capture names are those of every language; see ../README.md.

(function_declaration name: (identifier) @name) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @owner
    (pointer_type (type_identifier) @owner)
    (generic_type type: (type_identifier) @owner)
    (pointer_type (generic_type type: (type_identifier) @owner))]))
  name: (field_identifier) @name) @definition.method
(type_spec name: (type_identifier) @name type: (struct_type)) @definition.class
(type_spec name: (type_identifier) @name type: (interface_type)) @definition.interface
(type_spec name: (type_identifier) @name) @definition.type
(type_alias name: (type_identifier) @name) @definition.type
(method_elem name: (field_identifier) @name) @definition.method
(field_declaration name: (field_identifier) @name) @definition.field
(const_spec name: (identifier) @name) @definition.constant
(source_file (var_declaration (var_spec name: (identifier) @name) @definition.variable))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @definition.variable)))
(type_declaration) @outer

(struct_type (field_declaration_list (field_declaration !name type: [
  (type_identifier) @parent
  (qualified_type) @parent
  (pointer_type [(type_identifier) (qualified_type)] @parent)])))
(interface_type (type_elem [(type_identifier) (qualified_type)] @parent))

(call_expression function: [(identifier) (selector_expression)] @call)
(call_expression function: (type_instantiation_expression type: (_) @call))

(import_spec) @import
(import_spec name: [(package_identifier) (dot) (blank_identifier)] @import.before)
(import_spec path: (_) @import.module)

(interpreted_string_literal) @string
(raw_string_literal) @string
(comment) @comment
