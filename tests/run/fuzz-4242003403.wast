;; Found by the fuzzer: core: call trap -> compiler: Error: erlc warns: none: the result of calling element/2 is ignored 
(module
  (global (mut i32) (i32.const 60))
  (export "g0" (global 0))
  (func (export "f0") (param i64 i64 funcref) (result i32 externref)
    global.get 0
    i32.const 1
    i32.sub
    global.set 0
    global.get 0
    i32.const 0
    i32.lt_s
    if
      i32.const 0
      ref.null extern
      return
    end
    i32.const 0
    ref.null extern
    f32.const 0
    i32.const 0
    call 2
    f64.const 0
    f64.le
    br_if 0
    drop
    drop
    i32.const 0
    ref.null extern
  )
  (func (export "f1") (result f32)
    global.get 0
    i32.const 1
    i32.sub
    global.set 0
    global.get 0
    i32.const 0
    i32.lt_s
    if
      f32.const 0
      return
    end
    i64.const 0
    i64.const 0
    ref.null func
    call 0
    drop
    drop
    f32.const 0
  )
  (func (export "f2") (param f32 i32) (result f64)
    (local i64)
    global.get 0
    i32.const 1
    i32.sub
    global.set 0
    global.get 0
    i32.const 0
    i32.lt_s
    if
      f64.const 0
      return
    end
    loop
      f64.const 0
      i64.const 0
      i64.const 0
      i64.rem_s
      i64.const 0
      i64.lt_u
      br_if 1
      drop
      i64.const 0
      f32.const 0
      i64.trunc_f32_s
      i64.const 0
      local.get 2
      i64.le_u
      select
      local.set 2
    end
    local.get 2
    f32.convert_i64_u
    i32.const 0
    return_call 2
  )
  (func (export "refuel") (global.set 0 (i32.const 60)))
)
(invoke "refuel")
(assert_trap (invoke "f1") "integer divide by zero")
(assert_return (get "g0") (i32.const 57))
