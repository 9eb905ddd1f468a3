;; Found by the fuzzer: core: call -> compiler: Error: erlc warns: none: the result of calling element/2 is ignored 
(module
  (func (export "h0") (param i32) )
  (func (export "h1") (param i32 i32 i64 i64 i32 i32 funcref funcref i32 i32 f32 f32 f64 i32 i64 i32 i32 i64 i32 i64 i32 i32) )
)
(register "fuzz")
(module
  (import "fuzz" "h0" (func (param i32)))
  (import "fuzz" "h1" (func (param i32 i32 i64 i64 i32 i32 funcref funcref i32 i32 f32 f32 f64 i32 i64 i32 i32 i64 i32 i64 i32 i32)))
  (global (mut i32) (i32.const 60))
  (export "g0" (global 0))
  (func (export "f0") (param i32 f64) (result i64 f32 i32 i32 i64 f32 i32 i32 f32 i64 funcref f64 f64 i32 funcref i64 i64 f32 i32 f64)
    global.get 0
    i32.const 1
    i32.sub
    global.set 0
    global.get 0
    i32.const 0
    i32.lt_s
    if
      i64.const 0
      f32.const 0
      i32.const 0
      i32.const 0
      i64.const 0
      f32.const 0
      i32.const 0
      i32.const 0
      f32.const 0
      i64.const 0
      ref.null func
      f64.const 0
      f64.const 0
      i32.const 0
      ref.null func
      i64.const 0
      i64.const 0
      f32.const 0
      i32.const 0
      f64.const 0
      return
    end
    i32.const 0
    i32.const 0
    i64.const 0
    i64.const 0
    i64.ctz
    i32.const 0
    if (result i32)
      i32.const 0
    else
      i32.const 1
    end
    select (result i64)
    i64.const 0
    i32.const 0
    i32.const 0
    ref.null func
    ref.null func
    i32.const 0
    i32.const 0
    f32.const 0
    f32.const 0
    f64.const 0
    i32.const 0
    i64.const 0
    i32.const 0
    i32.const 0
    i64.const 0
    i32.const 0
    i64.const 0
    i32.const 0
    i32.const 0
    call 1
    i64.const 0
    f32.const 0
    i32.const 0
    i32.const 0
    i64.const 0
    f32.const 0
    i32.const 0
    i32.const 0
    f32.const 0
    i64.const 0
    ref.null func
    f64.const 0
    f64.const 0
    i32.const 0
    ref.null func
    i64.const 0
    i64.const 0
    f32.const 0
    i32.const 0
    f64.const 0
  )
  (func (export "f1") (param i32)
  )
  (func (export "f2")
  )
  (func (export "refuel") (global.set 0 (i32.const 60)))
  (export "x0" (func 0))
  (export "x1" (func 1))
)
(invoke "refuel")
(assert_return (invoke "f1" (i32.const 0)))
(assert_return (get "g0") (i32.const 60))
