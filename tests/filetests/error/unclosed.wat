;; test: error
(module
  (func (block)

;; expected:
;; error/unclosed.wat:5:1: unexpected token: end of text, with the parenthesis at 3:3 not closed
;;
;;   ^
