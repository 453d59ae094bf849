; The capture names are those of every language; see ../README.md.

(function_item name: (identifier) @name) @definition.function
(function_signature_item name: (identifier) @name) @definition.function
(struct_item name: (type_identifier) @name) @definition.class
(union_item name: (type_identifier) @name) @definition.class
(enum_item name: (type_identifier) @name) @definition.enum
(trait_item name: (type_identifier) @name) @definition.interface
(type_item name: (type_identifier) @name) @definition.type
(mod_item name: (identifier) @name) @definition.module
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.variable
(macro_definition name: (identifier) @name) @definition.macro
(field_declaration name: (field_identifier) @name) @definition.field
(enum_variant name: (identifier) @name) @definition.field
(impl_item type: [(type_identifier) (scoped_type_identifier)] @name) @scope
(impl_item type: (generic_type type: (_) @name)) @scope

(impl_item trait: [(type_identifier) (scoped_type_identifier)] @parent)
(impl_item trait: (generic_type type: (_) @parent))
(trait_item bounds: (trait_bounds [(type_identifier) (scoped_type_identifier)] @parent))

((attribute_item (attribute [(identifier) (scoped_identifier)] @_attribute)) @test.before
  (#match? @_attribute "(^|::)test$"))

(call_expression function: [(identifier) (field_expression) (scoped_identifier)] @call)
(call_expression function: (generic_function function: (_) @call))
; What is inside a macro is not parsed: a name before parentheses is most likely called.
(token_tree (identifier) @call . (token_tree . "("))
(macro_invocation macro: [(identifier) (scoped_identifier)] @call)

(use_declaration) @import
(use_declaration argument: (_) @import.tree)
(extern_crate_declaration name: (identifier) @import.module) @import

(string_content) @string
(line_comment) @comment
(block_comment) @comment
