; The capture names are those of every language; see ../README.md.

(document (block_node (block_mapping (block_mapping_pair key: (_) @name) @definition.section)))
(document (block_node (block_mapping (block_mapping_pair value: (block_node
  (block_mapping (block_mapping_pair key: (_) @name) @definition.section))))))

(comment) @comment
