;; test: ir product
;; A constant that is large in both words makes five products: three of the low word, two of the high one.
(module
  (func $product (param i64) (result i64) (i64.mul (local.get 0) (i64.const 0x9e3779b185ebca87))))

;; expected:
;; function "product"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295]):
;;   v9:int[0..36028797018963970] = int.mul v1, 7064199
;;   v11:int[0..72057594037927940] = int.mul v1, 15950603
;;   v13:int[0..173959060349385] = int.mul v1, 40503
;;   v15:int[0..222681169343865] = int.mul v0, 51847
;;   v17:int[0..147244363774485] = int.mul v0, 34283
;;   v18:int[0..321203424123870] = int.add v13, v17
;;   v20:int[0..65535] = int.and v18, 65535
;;   v22:int[0..4294901760] = int.shl v20, 16
;;   v24:int[0..140737488355328] = int.shr v11, 9
;;   v25:int[0..363418657699193] = int.add v24, v15
;;   v26:int[0..363422952600953] = int.add v25, v22
;;   v28:int[0..511] = int.and v11, 511
;;   v30:int[0..4286578688] = int.shl v28, 23
;;   v31:int[0..72057594037927940] = int.add v9, v30
;;   v33:int[0..16777216] = int.shr v31, 32
;;   v34:int[0..363422969378169] = int.add v26, v33
;;   v36:int[0..4294967295] = int.and v34, 4294967295
;;   v37:int[0..4294967295] = int.and v31, 4294967295
;;   return v36, v37
