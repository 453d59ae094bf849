"""Diffs for the tests of the viewer."""

PLACES = """diff --git a/stack.py b/stack.py
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/stack.py
+++ b/stack.py
@@ -1,4 +1,3 @@
 def pop(self):
-    x = self.items[0]
-    gone
+    x = self.items[-1]
     return x
@@ -20 +19,2 @@ def last():
 end
+more
"""
MOVED = """diff --git a/old.txt b/new.txt
old mode 100644
new mode 100755
similarity index 50%
rename from old.txt
rename to new.txt
index 3333333333333333333333333333333333333333..4444444444444444444444444444444444444444
--- a/old.txt
+++ b/new.txt
@@ -1 +1 @@
-was
+is
"""
