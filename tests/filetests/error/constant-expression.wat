;; test: error
(module
  (global $g (mut i32) (i32.const 0))
  (global i32 (global.get $g)))

;; expected:
;; error/constant-expression.wat:4:16: constant expression required, global 0 is mutable
;;     (global i32 (global.get $g)))
;;                  ^
