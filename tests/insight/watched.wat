;; What the tests of tracing, profiling, events and crash reports call.
(module
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 4)
  (table (export "table") 3 funcref)
  (func $inner (param i32) (result i32)
    (i32.div_u (i32.const 100) (local.get 0)))
  (func $outer (export "outer") (param i32) (result i32)
    (i32.add (call $inner (local.get 0)) (i32.const 1)))
  ;; Steps of a loop, which the BEAM has as a function of the same name.
  (func $steps (export "steps") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (call $inner (local.get 0))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "log") (param i32) (call $log (local.get 0)))
  (func (export "fill") (param i32)
    (memory.fill (i32.const 0) (local.get 0) (i32.const 65536)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
