;; test: lower sum
;; Locals that a loop sets become parameters of its header.
(module
  (func $sum (param $n i32) (result i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))

;; expected:
;; function "sum" results 1
;; b0(v1:i32):
;;   v0:term = boxes.new slot=0
;;   jump b1(v1, 0:i32, v0)
;; b1 loop(v3:i32, v4:i32, v5:term):
;;   v6:i32 = i32.add v4, v3 @0x21
;;   v8:i32 = i32.sub v3, 1:i32 @0x28
;;   branch ne v8 ? b1(v8, v6, v5) : b2()
;; b2():
;;   return v6
