;; test: error
(module
  (func (block (br 2))))

;; expected:
;; error/unknown-label.wat:3:17: unknown label 2
;;     (func (block (br 2))))
;;                   ^
