;; test: error
(module
  (memory 1 1 shared))

;; expected:
;; error/threads.wat:3:15: the threads proposal (shared memory and atomics) is not supported: shared
;;     (memory 1 1 shared))
;;                 ^
