;; test: error
(module
  (func (i32.plus (i32.const 1) (i32.const 2))))

;; expected:
;; error/unknown-operator.wat:3:10: unknown operator i32.plus
;;     (func (i32.plus (i32.const 1) (i32.const 2))))
;;            ^
