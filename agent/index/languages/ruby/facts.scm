; The capture names are those of every language; see ../README.md.

(method name: (_) @name) @definition.function
(singleton_method name: (_) @name) @definition.function
(class name: (_) @name) @definition.class
(module name: (_) @name) @definition.module
(program (assignment left: (constant) @name) @definition.constant)
(class (body_statement (assignment left: (constant) @name) @definition.constant))
(module (body_statement (assignment left: (constant) @name) @definition.constant))
((call
  !receiver
  method: (identifier) @test
  arguments: (argument_list . (string (string_content) @name))
  block: (_)) @definition.function
  (#match? @test "^(it|specify|test|describe|context)$"))

((call
  !receiver
  method: (identifier) @_accessor
  arguments: (argument_list (simple_symbol) @name @definition.field))
  (#match? @_accessor "^attr_(reader|writer|accessor)$"))

(superclass [(constant) (scope_resolution)] @parent)
((call !receiver method: (identifier) @_include arguments: (argument_list [(constant) (scope_resolution)] @parent))
  (#match? @_include "^(include|extend|prepend)$"))

(call method: [(identifier) (constant)] @call)

((call
  !receiver
  method: (identifier) @_require
  arguments: (argument_list . (string (string_content) @import.module))) @import
  (#match? @_require "^(require|require_relative|load)$"))

(string_content) @string
(comment) @comment
