;; test: error
(module
  (func (i32.const)))

;; expected:
;; error/unexpected-token.wat:3:19: unexpected token )
;;     (func (i32.const)))
;;                     ^
