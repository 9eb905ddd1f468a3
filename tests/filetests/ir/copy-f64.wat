;; test: ir copy drop
;; What is loaded and stored only is never a float, and words that nobody reads are not made.
(module
  (memory 1)
  (func $copy (param i32 i32) (f64.store (local.get 0) (f64.load (local.get 1))))
  (func $drop (param f64) (result f64) (drop (i64.reinterpret_f64 (local.get 0))) (local.get 0)))

;; expected:
;; function "copy"
;; b1(v0:int[0..4294967295], v1:int[0..4294967295], v2:term{8}, v3:term{1}):
;;   v7:int[0..4294967295], v8:int[0..4294967295] = mem.load64 bytes=8 v1, v3, v2 @0x28
;;   mem.store64 bytes=8 v3, v0, v7, v8, v2 @0x2b
;;   return
;;
;; function "drop"
;; b1(v0:f64):
;;   return v0
