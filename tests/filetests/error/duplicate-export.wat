;; test: error
(module
  (func (export "f"))
  (func (export "f")))

;; expected:
;; error/duplicate-export.wat:4:9: duplicate export name "f"
;;     (func (export "f")))
;;           ^
