;; test: leaves sum
;; A loop remembers the leaf that it found last: its accesses with one base share it.
(module
  (memory 1)
  (func $sum (param i32 i32) (result i32) (local i32)
    (loop $next
      (local.set 2 (i32.add (local.get 2) (i32.add (i32.load (local.get 0)) (i32.load offset=4 (local.get 0)))))
      (br_if $next (i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (local.get 1))))
    (local.get 2)))

;; expected:
;; function "sum"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v5:term{8}, v6:term{1}):
;;   jump b2(v0, 0, {"tuple":[]}:term, 0)
;; b2 loop(v2:int[0..4294967295], v3:int[0..4294967295], v23:term, v24:int[-9007199254740992..9007199254740991]):
;;   v10:int[0..4294967295] = mem.load bytes=4 v2, v6, v5, v23, v24 @0x27
;;   v12:int[4..4294967299] = int.add v2, 4
;;   v13:int[0..4294967295] = mem.load bytes=4 v12, v6, v5, v23, v24 @0x2c
;;   v14:int[0..8589934590] = int.add v10, v13
;;   v17:int[0..12884901885] = int.add v3, v14
;;   v18:int[0..4294967295] = int.and v17, 4294967295
;;   v20:int[8..4294967303] = int.add v2, 8
;;   v21:int[0..4294967295] = int.and v20, 4294967295
;;   branch ne v21, v1 ? b2(v21, v18, v23, v24) : b3()
;; b3():
;;   return v18
