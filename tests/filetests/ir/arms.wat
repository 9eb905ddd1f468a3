;; test: ir next
;; What only one side of a select wants stands behind the branch.
(module
  (func $next (param i32) (result i32)
    (select
      (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1))
      (i32.shr_u (local.get 0) (i32.const 1))
      (i32.and (local.get 0) (i32.const 1)))))

;; expected:
;; function "next"
;; b1(v0:int[0..4294967295]):
;;   v12:int[0..1] = int.and v0, 1
;;   branch ne v12, 0 ? b3() : b4()
;; b3():
;;   v4:int[0..12884901885] = int.mul v0, 3
;;   v8:int[1..12884901886] = int.add v4, 1
;;   v9:int[0..4294967295] = int.and v8, 4294967295
;;   jump b2(v9)
;; b4():
;;   v11:int[0..2147483647] = int.shr v0, 1
;;   jump b2(v11)
;; b2(v14:int[0..4294967295]):
;;   return v14
