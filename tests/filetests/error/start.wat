;; test: error
(module
  (func $main (param i32))
  (start $main))

;; expected:
;; error/start.wat:4:3: start function must have no parameters and no results
;;     (start $main))
;;     ^
