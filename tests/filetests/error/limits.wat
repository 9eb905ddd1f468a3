;; test: error
(module
  (memory 2 1))

;; expected:
;; error/limits.wat:3:3: size minimum must not be greater than maximum
;;     (memory 2 1))
;;     ^
