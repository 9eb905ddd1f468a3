;; test: ir rotation
;; Both words of a sum are shifted to the right, so they have their masks; to the left they are shifted with these.
(module
  (func $rotation (param i64 i64 i64) (result i64)
    (i64.xor
      (i64.rotl (i64.xor (i64.rotl (local.get 0) (i64.const 13)) (i64.add (local.get 0) (local.get 1))) (i64.const 17))
      (i64.add (local.get 1) (local.get 2)))))

;; expected:
;; function "rotation"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v2:int[0..4294967295], v3:int[0..4294967295], v4:int[0..4294967295], v5:int[0..4294967295]):
;;   v15:int[0..35184372080640] = int.shl v0, 13
;;   v16:int[0..8191] = int.shr v1, 19
;;   v17:int[0..35184372088831] = int.or v15, v16
;;   v20:int[0..35184372080640] = int.shl v1, 13
;;   v21:int[0..8191] = int.shr v0, 19
;;   v22:int[0..35184372088831] = int.or v20, v21
;;   v24:int[0..8589934590] = int.add v1, v3
;;   v25:int[0..8589934590] = int.add v0, v2
;;   v26:int[0..1] = int.shr v24, 32
;;   v27:int[0..8589934591] = int.add v25, v26
;;   v30:int[0..35184372088831] = int.xor v17, v27
;;   v31:int[0..4294967295] = int.and v30, 4294967295
;;   v32:int[0..35184372088831] = int.xor v22, v24
;;   v33:int[0..4294967295] = int.and v32, 4294967295
;;   v37:int[0..562949953290240] = int.shl v31, 17
;;   v38:int[0..131071] = int.shr v33, 15
;;   v39:int[0..562949953421311] = int.or v37, v38
;;   v41:int[0..562949953290240] = int.shl v33, 17
;;   v42:int[0..131071] = int.shr v31, 15
;;   v43:int[0..562949953421311] = int.or v41, v42
;;   v45:int[0..8589934590] = int.add v3, v5
;;   v46:int[0..8589934590] = int.add v2, v4
;;   v47:int[0..1] = int.shr v45, 32
;;   v48:int[0..8589934591] = int.add v46, v47
;;   v51:int[0..562949953421311] = int.xor v39, v48
;;   v52:int[0..4294967295] = int.and v51, 4294967295
;;   v53:int[0..562949953421311] = int.xor v43, v45
;;   v54:int[0..4294967295] = int.and v53, 4294967295
;;   return v52, v54
