;; test: error
(module
  (func (result i32)
    (i32.add (i32.const 1) (i64.const 2))))

;; expected:
;; error/type-mismatch.wat:4:6: type mismatch: expected i32, found i64
;;       (i32.add (i32.const 1) (i64.const 2))))
;;        ^
