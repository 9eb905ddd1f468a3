;; test: error
(module
  (func (param v128)))

;; expected:
;; error/simd.wat:3:16: the SIMD proposal (v128) is not supported: v128
;;     (func (param v128)))
;;                  ^
