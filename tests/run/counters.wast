;; Loops whose counters have ranges, and such as look like it: beginnings, steps and ends on either side of a wrap.
(module
  ;; Up by one until n: 2^32 turns for n = 0, so that the count is cut off by $most.
  (func (export "until") (param $n i32) (param $from i32) (param $most i32) (result i32 i32)
    (local $i i32) (local $turns i32)
    (local.set $i (local.get $from))
    (block $out
      (loop $again
        (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
        (br_if $out (i32.ge_u (local.get $turns) (local.get $most)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.ne (local.get $i) (local.get $n)))))
    (local.get $i) (local.get $turns))
  ;; The same from a constant, where n was compared before.
  (func (export "guarded") (param $n i32) (result i64) (local $i i32) (local $sum i64)
    (if (i32.eqz (local.get $n)) (then (return (i64.const -1))))
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.mul (local.get $i) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.ne (local.get $n) (local.get $i))))
    (local.get $sum))
  (func (export "guarded_signed") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (if (i32.lt_s (local.get $n) (i32.const 1)) (then (return (i32.const -1))))
    (loop $again
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.ne (local.get $i) (local.get $n))))
    (local.get $sum))
  ;; Steps that miss the end at first, and wrap before they meet it: 7 * 2863311531 = 1 modulo 2^32, and so on.
  (func (export "miss") (result i32 i32) (local $i i32) (local $turns i32)
    (loop $again
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 0x10000000)))
      (br_if $again (i32.ne (local.get $i) (i32.const 0))))
    (local.get $i) (local.get $turns))
  (func (export "miss_by_3") (result i32 i32) (local $i i32) (local $turns i32)
    (local.set $i (i32.const 0xfffffff0))
    (loop $again
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 3)))
      (br_if $again (i32.ne (local.get $i) (i32.const 5))))
    (local.get $i) (local.get $turns))
  ;; Down, by one and by three, to and past zero.
  (func (export "down") (param $n i32) (param $most i32) (result i32 i32) (local $turns i32)
    (block $out
      (loop $again
        (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
        (br_if $out (i32.eq (local.get $turns) (local.get $most)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $n) (local.get $turns))
  (func (export "down_by_3") (result i32 i32) (local $i i32) (local $turns i32)
    (local.set $i (i32.const 31))
    (loop $again
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const -3)))
      (br_if $again (i32.gt_s (local.get $i) (i32.const 0))))
    (local.get $i) (local.get $turns))
  (func (export "down_by_3_unsigned") (result i32 i32) (local $i i32) (local $turns i32)
    (local.set $i (i32.const 31))
    (loop $again
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const -3)))
      (br_if $again (i32.and (i32.gt_u (local.get $i) (i32.const 0)) (i32.lt_u (local.get $turns) (i32.const 20)))))
    (local.get $i) (local.get $turns))
  ;; Signed and unsigned bounds at the top of the loop, for any first number and end.
  (func (export "signed") (param $i i32) (param $n i32) (result i32 i32) (local $turns i32)
    (block $out
      (loop $again
        (br_if $out (i32.ge_s (local.get $i) (local.get $n)))
        (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
        (local.set $i (i32.add (local.get $i) (i32.const 5)))
        (br_if $again (i32.lt_u (local.get $turns) (i32.const 100)))))
    (local.get $i) (local.get $turns))
  (func (export "from_zero") (param $n i32) (result i32 i32) (local $i i32) (local $turns i32)
    (block $out
      (loop $again
        (br_if $out (i32.gt_s (local.get $i) (local.get $n)))
        (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
        (local.set $i (i32.add (local.get $i) (i32.const 0x20000000)))
        (br_if $again (i32.lt_u (local.get $turns) (i32.const 10)))))
    (local.get $i) (local.get $turns))
  ;; The last number before a wrap is the last one of the loop.
  (func (export "to_the_end") (result i32 i32) (local $i i32) (local $turns i32)
    (local.set $i (i32.const 0xfffffff0))
    (loop $again
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 0xffffffff))))
    (i32.add (local.get $i) (i32.const 1)) (local.get $turns)))

(assert_return (invoke "until" (i32.const 5) (i32.const 0) (i32.const 100)) (i32.const 5) (i32.const 5))
(assert_return (invoke "until" (i32.const 0) (i32.const 0) (i32.const 100)) (i32.const 99) (i32.const 100))
(assert_return (invoke "until" (i32.const 3) (i32.const -4) (i32.const 100)) (i32.const 3) (i32.const 7))
(assert_return (invoke "until" (i32.const 3) (i32.const 3) (i32.const 100)) (i32.const 102) (i32.const 100))
(assert_return (invoke "guarded" (i32.const 0)) (i64.const -1))
(assert_return (invoke "guarded" (i32.const 1)) (i64.const 0))
(assert_return (invoke "guarded" (i32.const 70000)) (i64.const 95158149335656))
(assert_return (invoke "guarded_signed" (i32.const 0)) (i32.const -1))
(assert_return (invoke "guarded_signed" (i32.const -7)) (i32.const -1))
(assert_return (invoke "guarded_signed" (i32.const 4)) (i32.const 18))
(assert_return (invoke "miss") (i32.const 0) (i32.const 16))
(assert_return (invoke "miss_by_3") (i32.const 5) (i32.const 7))
(assert_return (invoke "down" (i32.const 3) (i32.const 10)) (i32.const 0) (i32.const 3))
(assert_return (invoke "down" (i32.const 0) (i32.const 10)) (i32.const -9) (i32.const 10))
(assert_return (invoke "down_by_3") (i32.const -2) (i32.const 11))
(assert_return (invoke "down_by_3_unsigned") (i32.const -29) (i32.const 20))
(assert_return (invoke "signed" (i32.const 0) (i32.const 12)) (i32.const 15) (i32.const 3))
(assert_return (invoke "signed" (i32.const -12) (i32.const -1)) (i32.const 3) (i32.const 3))
(assert_return (invoke "signed" (i32.const 0x7ffffff0) (i32.const 0x7fffffff)) (i32.const 0x7fffffff) (i32.const 3))
(assert_return (invoke "from_zero" (i32.const 0x7fffffff)) (i32.const 0x40000000) (i32.const 10))
(assert_return (invoke "from_zero" (i32.const -1)) (i32.const 0) (i32.const 0))
(assert_return (invoke "to_the_end") (i32.const 0) (i32.const 15))
