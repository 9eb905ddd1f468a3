;; test: ir rows first
;; A loop around another lends it its leaf of the same base, or carries on what that found where every turn goes through it.
(module
  (memory 1)
  (func $rows (param $at i32) (param $rows i32) (result i32) (local $i i32) (local $sum i32)
    (loop $outer
      (local.set $i (i32.const 0))
      (loop $inner
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 2))))))
        (br_if $inner (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $outer (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
    (local.get $sum))
  (func $first (param $at i32) (param $rows i32)
    (loop $outer
      (if (i32.load (local.get $at))
        (then
          (loop $inner
            (i32.store offset=4 (local.get $at) (local.get $rows))
            (br_if $inner (i32.load offset=32 (local.get $at))))))
      (br_if $outer (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))

;; expected:
;; function "rows"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v10:term{8}, v11:term{1}):
;;   jump b2(0, v0, v1, {"tuple":[]}:term, 0)
;; b2 loop(v3:int[0..4294967295], v4:int[0..4294967295], v5:int[0..4294967295], v38:term, v39:int[-9007199254740992..9007199254740991]):
;;   jump b3(0, v3, v38, v39)
;; b3 loop(v7:int[0..3], v8:int[0..4294967295], v34:term, v35:int[-9007199254740992..9007199254740991]):
;;   v17:int[0..12] = int.shl v7, 2
;;   v19:int[0..4294967307] = int.add v4, v17
;;   v21:int[0..4294967295] = mem.load bytes=4 wraps v19, v11, v10, v34, v35 @0x39
;;   v22:int[0..8589934590] = int.add v8, v21
;;   v23:int[0..4294967295] = int.and v22, 4294967295
;;   v25:int[1..4] = int.add v7, 1
;;   branch ne v25, 4 ? b3(v25, v23, v34, v35) : b4()
;; b4():
;;   v29:int[64..4294967359] = int.add v4, 64
;;   v30:int[0..4294967295] = int.and v29, 4294967295
;;   v32:int[-1..4294967294] = int.add v5, -1
;;   v33:int[0..4294967295] = int.and v32, 4294967295
;;   branch ne v33, 0 ? b2(v23, v30, v33, v34, v35) : b5()
;; b5():
;;   return v23
;;
;; function "first"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v6:term{8}, v7:term{1}):
;;   jump b2(v1, {"tuple":[]}:term, 0)
;; b2 loop(v2:int[0..4294967295], v26:term, v27:int[-9007199254740992..9007199254740991]):
;;   v11:int[0..4294967295] = mem.load bytes=4 v0, v7, v6, v26, v27 @0x67
;;   branch ne v11, 0 ? b4(v26, v27) : b7()
;; b4 loop(v22:term, v23:int[-9007199254740992..9007199254740991]):
;;   v13:int[4..4294967299] = int.add v0, 4
;;   mem.store bytes=4 v7, v13, v2, v6, v22, v23 @0x72
;;   v15:int[32..4294967327] = int.add v0, 32
;;   v16:int[0..4294967295] = mem.load bytes=4 v15, v7, v6, v22, v23 @0x77
;;   branch ne v16, 0 ? b4(v22, v23) : b7()
;; b7():
;;   v19:int[-1..4294967294] = int.add v2, -1
;;   v21:int[0..4294967295] = int.and v19, 4294967295
;;   branch ne v21, 0 ? b2(v21, v26, v27) : b8()
;; b8():
;;   return
