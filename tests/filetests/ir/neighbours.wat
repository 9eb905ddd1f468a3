;; test: ir fields loop
;; Loads go to the first of those with the same base, where nothing is between that has an effect; stores go to the last.
(module
  (memory 1)
  (func $fields (param i32 i64) (result i32)
    (i64.store offset=16 (local.get 0) (local.get 1))
    (i32.store offset=24 (local.get 0) (i32.const 1))
    (i32.add
      (i32.add (i32.load offset=4 (local.get 0)) (i32.load (local.get 0)))
      (i32.load offset=8 (local.get 0))))
  (func $loop (param i32 i32) (result i32) (local i32)
    (loop $next
      (local.set 2 (i32.add (i32.load (local.get 0)) (i32.mul (i32.load (local.get 1)) (i32.load offset=4 (local.get 0)))))
      ;; The load behind this may read what it writes.
      (i32.store (local.get 1) (local.get 2))
      (local.set 2 (i32.add (local.get 2) (i32.load offset=8 (local.get 0))))
      (br_if $next (i32.and (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 255))))
    (local.get 2)))

;; expected:
;; function "fields"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v2:int[0..4294967295], v3:term{8}, v4:term{1}):
;;   v8:int[16..4294967311] = int.add v0, 16
;;   mem.stores { mem.store64 bytes=8 @0x2a; mem.store bytes=4 offset=8 @0x31 } v4, v8, v1, v2, 1, v3 @0x2a
;;   v13:int[4..4294967299] = int.add v0, 4
;;   v14:int[0..4294967295], v16:int[0..4294967295], v22:int[0..4294967295] = mem.loads { v14:int[0..4294967295] = mem.load bytes=4 @0x36; v16:int[0..4294967295] = mem.load bytes=4 offset=-4 @0x3b; v22:int[0..4294967295] = mem.load bytes=4 offset=4 @0x41 } v13, v4, v3 @0x36
;;   v17:int[0..8589934590] = int.add v14, v16
;;   v23:int[0..12884901885] = int.add v17, v22
;;   v24:int[0..4294967295] = int.and v23, 4294967295
;;   return v24
;;
;; function "loop"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v5:term{8}, v6:term{1}):
;;   jump b2(v0, {"tuple":[]}:term, 0, {"tuple":[]}:term, 0)
;; b2 loop(v2:int[0..4294967295], v37:term, v38:int[-9007199254740992..9007199254740991], v41:term, v42:int[-9007199254740992..9007199254740991]):
;;   v10:int[0..4294967295], v14:int[0..4294967295] = mem.loads { v10:int[0..4294967295] = mem.load bytes=4 @0x4e; v14:int[0..4294967295] = mem.load bytes=4 offset=4 @0x58 } v2, v6, v5, v37, v38 @0x4e
;;   v11:int[0..4294967295] = mem.load bytes=4 v1, v6, v5, v41, v42 @0x53
;;   v16:int[0..65535] = int.and v14, 65535
;;   v17:int[0..281470681677825] = int.mul v11, v16
;;   v19:int[0..65535] = int.shr v14, 16
;;   v20:int[0..281470681677825] = int.mul v11, v19
;;   v21:int[0..65535] = int.and v20, 65535
;;   v22:int[0..4294901760] = int.shl v21, 16
;;   v23:int[0..281474976579585] = int.add v17, v22
;;   v26:int[0..281479271546880] = int.add v10, v23
;;   v27:int[0..4294967295] = int.and v26, 4294967295
;;   mem.store bytes=4 v6, v1, v27, v5, v41, v42 @0x63
;;   v29:int[8..4294967303] = int.add v2, 8
;;   v30:int[0..4294967295] = mem.load bytes=4 v29, v6, v5, v37, v38 @0x6a
;;   v31:int[0..281483566514175] = int.add v26, v30
;;   v32:int[0..4294967295] = int.and v31, 4294967295
;;   v33:int[8..4294967303] = int.add v2, 8
;;   v34:int[0..4294967295] = int.and v33, 4294967295
;;   v36:int[0..255] = int.and v33, 255
;;   branch ne v36, 0 ? b2(v34, v37, v38, v41, v42) : b3()
;; b3():
;;   return v32
