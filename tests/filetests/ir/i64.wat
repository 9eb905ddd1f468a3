;; test: words add
;; An i64 is two words; the carry is what the low sum has beyond 32 bits.
(module
  (func $add (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1))))

;; expected:
;; function "add"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v2:int[0..4294967295], v3:int[0..4294967295]):
;;   v6:int[0..8589934590] = int.add v1, v3
;;   v7:int[0..8589934590] = int.add v0, v2
;;   v9:int[0..1] = int.shr v6, 32
;;   v10:int[0..8589934591] = int.add v7, v9
;;   v12:int[0..4294967295] = int.and v10, 4294967295
;;   v13:int[0..4294967295] = int.and v6, 4294967295
;;   return v12, v13
