;; Words of a float that another float is made of, converted together with that one.
(module
  (global (mut i32) (i32.const 60))
  (global (mut i64) (i64.const 0))
  (export "g0" (global 0))
  (export "g1" (global 1))
  (func (export "f0") (param f64 externref) (result i32)
    (local f64 f64)
    global.get 0
    i32.const 1
    i32.sub
    global.set 0
    global.get 0
    i32.const 0
    i32.lt_s
    if
      i32.const 0
      return
    end
    f64.const 0
    local.set 3
    local.get 3
    f64.const nan:0x8000000000000
    local.get 3
    local.get 3
    f64.eq
    select
    i64.reinterpret_f64
    f64.convert_i64_u
    local.set 2
    local.get 2
    i64.reinterpret_f64
    global.set 1
    i32.const 0
  )
  (func (export "refuel") (global.set 0 (i32.const 60)))
)
(invoke "refuel")
(assert_return (invoke "f0" (f64.const 0) (ref.null extern)) (i32.const 0))
(assert_return (get "g0") (i32.const 59))
(assert_return (get "g1") (i64.const 0))
