;; test: error
(module (func (local $a i32)
  (local.get 1)))

;; expected:
;; error/unknown-local.wat:3:4: unknown local 1
;;     (local.get 1)))
;;      ^
