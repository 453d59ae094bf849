; The capture names are those of every language; see ../README.md.

((element (start_tag (attribute (attribute_name) @_id [
    (attribute_value) @name
    (quoted_attribute_value (attribute_value) @name)]))) @definition.section
  (#eq? @_id "id"))
((element (start_tag (tag_name) @_heading) . (text) @name) @definition.section
  (#match? @_heading "^[hH][1-6]$"))

((script_element (start_tag (attribute (attribute_name) @_src
    (quoted_attribute_value (attribute_value) @import.module)))) @import
  (#eq? @_src "src"))

(comment) @comment
