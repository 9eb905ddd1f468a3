;; A reference in boxes that nobody reads: erlc warns of its setelement unless it is told not to.
(module
  (table 6 1050 funcref)
  (memory (export "m") 1 1)
  (global (mut i32) (i32.const 60))
  (global (mut i64) (i64.const 0))
  (global i32 (i32.const 1065053501))
  (global (mut i64) (i64.const 4))
  (export "g0" (global 0))
  (export "g1" (global 1))
  (export "g2" (global 2))
  (export "g3" (global 3))
  (func (export "f0") (param f32 f64 i64) (result i64)
    i64.const 0
  )
  (func (export "f1") (param externref i32 i64 i32) (result i32)
    (local i32 f32 i32 i64 funcref i32 i32)
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
    i32.const 0
    f64.const 0
    i32.const 0
    ref.null func
    i32.const 0
    f32.const 0
    ref.null func
    f64.const 0
    i64.const 0
    f64.const 0
    i32.const 0
    f64.const 0
    i64.const 0
    i32.const 0
    f64.const 0
    i32.const 0
    i32.const 0
    i32.const 0
    i32.const 0
    f32.const 0
    i32.const 0
    f32.const 0
    i32.const 0
    f32.const 0
    f64.const 0
    i32.const 0
    i32.const 0
    f64.const 0
    f32.const 0
    f32.const 0
    f64.const 0
    i64.const 0
    i64.const 0
    f64.const 0
    f64.const 0
    f32.const 0
    f32.const 0
    i64.const 0
    f64.const 0
    i64.const 0
    i64.const 0
    i32.const 0
    f64.const 0
    i32.const 0
    i64.const 0
    ref.null func
    i64.const 0
    f32.const 0
    ref.null func
    ref.null func
    i32.const 0
    f64.const 0
    i64.const 0
    i64.const 0
    i64.const 0
    f32.const 0
    i32.const 0
    i32.const 0
    f64.const 0
    ref.null extern
    i64.const 0
    f32.const 0
    f32.const 0
    i32.const 0
    i32.const 0
    i64.const 0
    f32.const 0
    i32.const 0
    f32.const 0
    ref.null func
    f32.const 0
    i64.const 0
    drop
    drop
    drop
    drop
    local.set 1
    drop
    drop
    local.set 6
    drop
    drop
    drop
    local.set 2
    drop
    drop
    drop
    drop
    drop
    local.set 2
    local.set 2
    local.set 2
    drop
    drop
    drop
    drop
    drop
    drop
    drop
    local.set 2
    local.set 6
    drop
    drop
    drop
    local.set 2
    drop
    drop
    drop
    local.get 3
    if (result i32)
      ref.null extern
      local.get 6
      i32.const 65532
      i32.and
      i32.load8_u align=1
      i64.const 36
      local.get 7
      i64.rotl
      local.get 5
      local.get 5
      f32.ge
      i32.const 2
      call_indirect 0 (param externref i32 i64 i32) (result i32)
    else
      i64.const 576460752303423487
      local.get 7
      i64.lt_u
      local.get 1
      i32.lt_s
    end
    i32.extend8_s
    local.get 7
    local.get 7
    i64.mul
    f64.convert_i64_u
    i64.trunc_sat_f64_u
    local.get 6
    i64.extend_i32_u
    i64.gt_s
    local.get 3
    select (result i32)
    br 0
    br 0
    local.set 1
    i32.const -1729647884
    local.tee 1
    i32.const 65532
    i32.and
    i32.load16_s align=2
    local.get 1
    i32.const 1
    i32.or
    i32.div_u
    local.set 9
    i32.const 65516
    i32.const 32766
    f32.load align=2
    f32.store offset=16 align=1
    local.get 5
    ref.func 3
    i32.const 2
    table.grow 0
    table.size 0
    table.size 0
    select
    f64.const 29
    f64.const 468286502.5
    f64.ge
    i32.le_s
    local.get 1
    local.get 1
    i32.const 1
    i32.xor
    i32.xor
    global.get 2
    select
    i32.const 0
    i32.and
    f64.load align=8
    i32.const 65532
    i64.load32_s align=4
    local.get 5
    i64.trunc_sat_f32_u
    i64.const 8388607
    i64.and
    f32.convert_i64_s
    i64.trunc_f32_u
    local.tee 2
    i32.const 65530
    i64.load32_u align=2
    local.get 7
    local.get 7
    local.get 7
    i64.const 36
    i64.xor
    i64.xor
    i32.const 65536
    select (result i64)
    local.get 7
    i64.and
    i64.shr_s
    i32.const 57342
    i32.load offset=8190 align=4
    local.get 1
    local.tee 1
    i32.rotr
    select
    i64.or
    call 0
    local.get 7
    block (result i64)
      i64.const 9223372036854775295
    end
    local.get 2
    i64.eq
    i32.const 56184
    i32.load8_s offset=3 align=1
    i32.gt_u
    i32.const 1
    i32.and
    i64.load32_s align=1
    i64.sub
    i32.const 11
    i32.const 1
    i32.and
    i64.load8_u align=1
    local.get 3
    select
    i64.eq
    if
      block
        i32.const 4
        local.set 10
        loop
          i32.const 0
          br_table 2 2 1
          i32.const 0
          i64.load16_s align=2
          local.set 2
          local.get 10
          i32.const 1
          i32.sub
          local.tee 10
          br_if 0
        end
      end
    end
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 0
    ref.is_null
    i64.extend_i32_u
    i64.add
    global.set 1
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 1
    i64.extend_i32_u
    i64.add
    global.set 1
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 4
    i64.extend_i32_u
    i64.add
    global.set 1
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 6
    i64.extend_i32_u
    i64.add
    global.set 1
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 8
    ref.is_null
    i64.extend_i32_u
    i64.add
    global.set 1
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 9
    i64.extend_i32_u
    i64.add
    global.set 1
    global.get 1
    i64.const -7046029254386353131
    i64.mul
    local.get 10
    i64.extend_i32_u
    i64.add
    global.set 1
    local.get 1
  )
  (func (export "f2") (param i32 f32 i64 i32) (result f64 i32 f64 i32 funcref i32 f32 funcref f64 i64 f64 i32 f64 i64 i32 f64 i32 i32 i32 i32 f32 i32 f32 i32 f32 f64 i32 i32 f64 f32 f32 f64 i64 i64 f64 f64 f32 f32 i64 f64 i64 i64 i32 f64 i32 i64 funcref i64 f32 funcref funcref i32 f64 i64 i64 i64 f32 i32 i32 f64 externref i64 f32 f32 i32 i32 i64 f32 i32 f32 funcref f32 i64)
    f64.const 0
    i32.const 0
    f64.const 0
    i32.const 0
    ref.null func
    i32.const 0
    f32.const 0
    ref.null func
    f64.const 0
    i64.const 0
    f64.const 0
    i32.const 0
    f64.const 0
    i64.const 0
    i32.const 0
    f64.const 0
    i32.const 0
    i32.const 0
    i32.const 0
    i32.const 0
    f32.const 0
    i32.const 0
    f32.const 0
    i32.const 0
    f32.const 0
    f64.const 0
    i32.const 0
    i32.const 0
    f64.const 0
    f32.const 0
    f32.const 0
    f64.const 0
    i64.const 0
    i64.const 0
    f64.const 0
    f64.const 0
    f32.const 0
    f32.const 0
    i64.const 0
    f64.const 0
    i64.const 0
    i64.const 0
    i32.const 0
    f64.const 0
    i32.const 0
    i64.const 0
    ref.null func
    i64.const 0
    f32.const 0
    ref.null func
    ref.null func
    i32.const 0
    f64.const 0
    i64.const 0
    i64.const 0
    i64.const 0
    f32.const 0
    i32.const 0
    i32.const 0
    f64.const 0
    ref.null extern
    i64.const 0
    f32.const 0
    f32.const 0
    i32.const 0
    i32.const 0
    i64.const 0
    f32.const 0
    i32.const 0
    f32.const 0
    ref.null func
    f32.const 0
    i64.const 0
  )
  (func (export "f3")
  )
  (func (export "refuel") (global.set 0 (i32.const 60)))
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
)
(invoke "refuel")
(assert_return (invoke "f3"))
(assert_return (get "g0") (i32.const 60))
(assert_return (get "g1") (i64.const 0))
(assert_return (get "g2") (i32.const 1065053501))
(assert_return (get "g3") (i64.const 4))
