;; Found by the fuzzer: core: call -> compiler: Error: erlc warns: none: the result of evaluating operator 'band'/2 is ignored 
(module
  (memory (export "m") 2 4)
  (global (export "g0") (mut i32) (i32.const 60))
  (func (export "f0") (param i32 externref) (result i32)
    i32.const 0
  )
  (func (export "f1") (param i64) (result externref)
    (local f64)
    global.get 0
    i32.const 1
    i32.sub
    global.set 0
    global.get 0
    i32.const 0
    i32.lt_s
    if
      ref.null extern
      return
    end
    i32.const 0
    f64.const 0
    f64.const 0
    i32.const 0
    i32.const 0
    i32.load8_s align=1
    i32.const 1
    if (result i32)
      i32.const 1
    else
      i32.const 0
    end
    select (result i32)
    select
    local.set 1
    local.get 1
    f64.const nan:0x8000000000000
    local.get 1
    local.get 1
    f64.eq
    select
    f64.store align=1
    ref.null extern
  )
  (func (export "refuel") (global.set 0 (i32.const 60)))
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
)
(invoke "refuel")
(assert_return (invoke "f0" (i32.const 0) (ref.extern 0)) (i32.const 0))
(assert_return (get "g0") (i32.const 60))
