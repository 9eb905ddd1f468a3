;; test: lower sum edge apart
;; The bodies of tiny functions stand in place of calls, with locals of their own; those with accesses in loops only.
(module
  (memory 1)
  (func $at (param $list i32) (param $index i32) (result i32)
    (i32.load (i32.add (local.get $list) (i32.shl (local.get $index) (i32.const 2)))))
  (func $least (param $x i32) (param $y i32) (result i32) (local $less i32)
    (local.set $less (i32.lt_u (local.get $x) (local.get $y)))
    (if (local.get $less) (then (return (local.get $x))))
    (local.get $y))
  (func $never (unreachable))
  (func $sum (param $list i32) (param $count i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (call $at (local.get $list) (local.get $count))))
      (br_if $next (local.get $count)))
    (local.get $sum))
  (func $edge (param i32 i32 i32) (result i32)
    (call $least (local.get 0) (call $least (local.get 1) (local.get 2))))
  (func $apart (result i32)
    (call $never)
    (call $at (i32.const 0) (i32.const 1))))

;; expected:
;; function "sum" results 1
;; b0(v1:i32, v2:i32):
;;   v0:term = boxes.new slot=0
;;   jump b1(v2, 0:i32, v0)
;; b1 loop(v4:i32, v5:i32, v6:term):
;;   v8:i32 = i32.sub v4, 1:i32 @0x62
;;   v10:i32 = i32.shl v8, 2:i32 @0x59d
;;   v11:i32 = i32.add v1, v10 @0x65b
;;   v12:i32 = i32.load offset=0 v11 @0x719
;;   v13:i32 = i32.add v5, v12 @0x6d
;;   branch ne v8 ? b1(v8, v13, v6) : b2()
;; b2():
;;   return v13
;;
;; function "edge" results 1
;; b0(v1:i32, v2:i32, v3:i32):
;;   v0:term = boxes.new slot=0
;;   v5:i32 = i32.lt_u v2, v3 @0x436
;;   branch ne v5 ? b1() : b2()
;; b1():
;;   jump b3(v2)
;; b2():
;;   jump b3(v3)
;; b3(v6:i32):
;;   v7:i32 = i32.lt_u v1, v6 @0x438
;;   branch ne v7 ? b4() : b5()
;; b4():
;;   jump b6(v1)
;; b5():
;;   jump b6(v6)
;; b6(v8:i32):
;;   return v8
;;
;; function "apart" results 1
;; b0():
;;   v0:term = boxes.new slot=0
;;   call function=2 @0x87
;;   v3:i32 = call function=0 0:i32, 1:i32 @0x8d
;;   return v3
