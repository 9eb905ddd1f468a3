;; Values of every type across back edges, with branches out of and into nested loops.
(module
  (memory 1)
  ;; Loop parameters of all types, swapped at each turn.
  (func (export "rotate") (param $n i32) (result i64 i64 f64 f64 i32)
    (i64.const 1) (i64.const -1) (f64.const 0.5) (f64.const -0.0) (i32.const 7)
    (loop $again (param i64 i64 f64 f64 i32) (result i64 i64 f64 f64 i32)
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (call $swap)
      (br_if $again (i32.ge_s (local.get $n) (i32.const 0)))))
  (func $swap (param i64 i64 f64 f64 i32) (result i64 i64 f64 f64 i32)
    (i64.add (local.get 1) (i64.const 0x100000000)) (i64.rotl (local.get 0) (i64.const 13))
    (f64.neg (local.get 3)) (f64.mul (local.get 2) (f64.const 3))
    (i32.xor (local.get 4) (i32.const 0x80000001)))
  ;; An inner loop that leaves the outer one, and a counter that both change.
  (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (block $out
      (loop $outer
        (local.set $j (i32.const 0))
        (loop $inner
          (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (local.get $j))))
          (br_if $out (i32.gt_u (local.get $s) (i32.const 1000000)))
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $inner (i32.lt_u (local.get $j) (local.get $n)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))))
    (local.get $s))
  ;; A loop entered with a value on the stack below it, and br_table to three depths.
  (func (export "table") (param $n i32) (result i32) (local $s i32)
    (i32.const 1000)
    (block $done (result i32)
      (loop $a (result i32)
        (block $c
          (block $b
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_table $b $c $a $b (i32.rem_u (local.get $n) (i32.const 4)))
            (unreachable))
          (local.set $s (i32.add (local.get $s) (i32.const 10)))
          (br $a))
        (i32.add (local.get $s) (local.get $n))))
    i32.add)
  ;; Memory that grows while a loop reads and writes it.
  (func (export "grow") (param $n i32) (result i64) (local $i i32) (local $s i64)
    (loop $again
      (i64.store (i32.mul (local.get $i) (i32.const 65533)) (i64.extend_i32_u (i32.mul (local.get $i) (i32.const 0x9e3779b1))))
      (drop (memory.grow (i32.const 1)))
      (local.set $s (i64.add (i64.rotl (local.get $s) (i64.const 7))
        (i64.load (i32.mul (local.get $i) (i32.const 65533)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (i64.add (local.get $s) (i64.extend_i32_u (memory.size)))))
(assert_return (invoke "rotate" (i32.const 1))
  (i64.const 4294975488) (i64.const 35184372080640) (f64.const -1.5) (f64.const 0) (i32.const 7))
(assert_return (invoke "rotate" (i32.const 10))
  (i64.const 288265573409751166) (i64.const 288265569114800256) (f64.const -0) (f64.const -364.5) (i32.const -2147483642))
(assert_return (invoke "nested" (i32.const 3)) (i32.const 9))
(assert_return (invoke "nested" (i32.const 40)) (i32.const 608400))
(assert_return (invoke "nested" (i32.const 100)) (i32.const 1000560))
(assert_return (invoke "nested" (i32.const 1)) (i32.const 0))
(assert_return (invoke "table" (i32.const 9)) (i32.const 1025))
(assert_return (invoke "table" (i32.const 2)) (i32.const 1001))
(assert_return (invoke "table" (i32.const 4)) (i32.const 1011))
(assert_return (invoke "grow" (i32.const 1)) (i64.const 2))
(assert_return (invoke "grow" (i32.const 20)) (i64.const 66298609495693571))
