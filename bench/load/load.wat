;; A small program with all that an instance has: memory, a table, globals, an import.
(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (memory 2)
  (table funcref (elem $twice $host))
  (global $calls (mut i32) (i32.const 0))
  (data (i32.const 1024) "some initial data")
  (func $twice (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  ;; Counts in the memory and in a global; what both have by now.
  (func (export "count") (param i32) (result i32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0)))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.add (i32.load (i32.const 0)) (global.get $calls)))
  ;; Steps of a pseudo-random walk over the memory, with a call through the table now and then.
  (func (export "work") (param $steps i32) (result i32) (local $x i32) (local $at i32)
    (local.set $x (i32.const 12345))
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $at (i32.and (local.get $x) (i32.const 0xfffc)))
      (i32.store (local.get $at) (i32.xor (i32.load (local.get $at)) (local.get $x)))
      (if (i32.eqz (i32.and (local.get $steps) (i32.const 255)))
        (then (local.set $x (i32.xor (local.get $x)
          (call_indirect (type $unary) (local.get $steps) (i32.and (local.get $x) (i32.const 1)))))))
      (br_if $again (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
    (local.get $x)))
