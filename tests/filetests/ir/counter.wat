;; test: ir sum clear down
;; Counters need no mask: up to a number that was compared before, by 8 to a constant, down to zero.
(module
  (memory 1)
  (func $sum (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (if (i32.lt_s (local.get $n) (i32.const 1)) (then (return (i32.const 0))))
    (loop $again
      (local.set $sum (i32.xor (local.get $sum) (local.get $i)))
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum))
  (func $clear (local $i i32)
    (loop $again
      (i64.store (i32.add (local.get $i) (i32.const 1024)) (i64.const 0))
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 4096)))))
  (func $down (param $n i32) (result i32) (local $product i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (local.set $product (i32.const 1))
    (loop $again
      (local.set $product (i32.xor (i32.shl (local.get $product) (i32.const 1)) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $product)))

;; expected:
;; function "sum"
;; b1(v0:int[0..4294967295]):
;;   v8:int[0..4294967295] = int.xor v0, 2147483648
;;   branch lt v8, 2147483649 ? b2() : b4(0, 0)
;; b2():
;;   return 0
;; b4 loop(v1:int[0..4294967294], v2:int[0..4294967295]):
;;   v12:int[0..4294967295] = int.xor v2, v1
;;   v13:int[1..4294967295] = int.add v1, 1
;;   branch ne v13, v0 ? b4(v13, v12) : b5()
;; b5():
;;   return v12
;;
;; function "clear"
;; b1(v2:term{8}, v3:term{1}):
;;   jump b2(0, {"tuple":[]}:term, 0)
;; b2 loop(v0:int[0..4088], v14:term, v15:int[-9007199254740992..9007199254740991]):
;;   v8:int[1024..5112] = int.add v0, 1024
;;   mem.store64 bytes=8 v3, v8, 0, 0, v2, v14, v15 @0x57
;;   v11:int[8..4096] = int.add v0, 8
;;   branch ne v11, 4096 ? b2(v11, v14, v15) : b3()
;; b3():
;;   return
;;
;; function "down"
;; b1(v0:int[0..4294967295]):
;;   branch eq v0, 0 ? b2() : b4(v0, 1)
;; b2():
;;   return 1
;; b4 loop(v1:int[1..4294967295], v2:int[0..4294967295]):
;;   v10:int[0..8589934590] = int.shl v2, 1
;;   v12:int[0..4294967295] = int.and v10, 4294967295
;;   v13:int[0..4294967295] = int.xor v12, v1
;;   v15:int[0..4294967294] = int.add v1, -1
;;   branch ne v15, 0 ? b4(v15, v13) : b5()
;; b5():
;;   return v13
