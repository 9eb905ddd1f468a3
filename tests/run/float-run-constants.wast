;; A run of float instructions without operands from outside, whose result is no number.
(module
  (memory 1)
  (func (export "f") (result i32)
    i32.const 0
    f64.convert_i32_u
    f64.const 0
    f64.div
    f64.const 0
    f64.ne)
  (func (export "kept") (param i32 f64) (result f64)
    local.get 1
    i32.const 0
    f64.convert_i32_u
    f64.const 0
    f64.div
    f64.const 3
    f64.min
    f64.add))
(assert_return (invoke "f") (i32.const 1))
(assert_return (invoke "kept" (i32.const 1) (f64.const 1)) (f64.const nan:canonical))
