;; More values than registers are worth keeping: locals in the frame, across loops, calls and traps.
(module
  (func $id (param i32) (result i32) (local.get 0))
  (func (export "fill") (param $n i32) (result i64) (local i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64) (local $i i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get $i)))
      (local.set 2 (i64.add (local.get 2) (i64.extend_i32_u (local.get $i))))
      (local.set 3 (f32.add (local.get 3) (f32.convert_i32_u (local.get $i))))
      (local.set 4 (f64.add (local.get 4) (f64.convert_i32_u (local.get $i))))
      (local.set 5 (i32.add (local.get 5) (local.get $i)))
      (local.set 6 (i64.add (local.get 6) (i64.extend_i32_u (local.get $i))))
      (local.set 7 (f32.add (local.get 7) (f32.convert_i32_u (local.get $i))))
      (local.set 8 (f64.add (local.get 8) (f64.convert_i32_u (local.get $i))))
      (local.set 9 (i32.add (local.get 9) (local.get $i)))
      (local.set 10 (i64.add (local.get 10) (i64.extend_i32_u (local.get $i))))
      (local.set 11 (f32.add (local.get 11) (f32.convert_i32_u (local.get $i))))
      (local.set 12 (f64.add (local.get 12) (f64.convert_i32_u (local.get $i))))
      (local.set 13 (i32.add (local.get 13) (local.get $i)))
      (local.set 14 (i64.add (local.get 14) (i64.extend_i32_u (local.get $i))))
      (local.set 15 (f32.add (local.get 15) (f32.convert_i32_u (local.get $i))))
      (local.set 16 (f64.add (local.get 16) (f64.convert_i32_u (local.get $i))))
      (local.set 17 (i32.add (local.get 17) (local.get $i)))
      (local.set 18 (i64.add (local.get 18) (i64.extend_i32_u (local.get $i))))
      (local.set 19 (f32.add (local.get 19) (f32.convert_i32_u (local.get $i))))
      (local.set 20 (f64.add (local.get 20) (f64.convert_i32_u (local.get $i))))
      (local.set 21 (i32.add (local.get 21) (local.get $i)))
      (local.set 22 (i64.add (local.get 22) (i64.extend_i32_u (local.get $i))))
      (local.set 23 (f32.add (local.get 23) (f32.convert_i32_u (local.get $i))))
      (local.set 24 (f64.add (local.get 24) (f64.convert_i32_u (local.get $i))))
      (local.set 25 (i32.add (local.get 25) (local.get $i)))
      (local.set 26 (i64.add (local.get 26) (i64.extend_i32_u (local.get $i))))
      (local.set 27 (f32.add (local.get 27) (f32.convert_i32_u (local.get $i))))
      (local.set 28 (f64.add (local.get 28) (f64.convert_i32_u (local.get $i))))
      (local.set 29 (i32.add (local.get 29) (local.get $i)))
      (local.set 30 (i64.add (local.get 30) (i64.extend_i32_u (local.get $i))))
      (local.set 31 (f32.add (local.get 31) (f32.convert_i32_u (local.get $i))))
      (local.set 32 (f64.add (local.get 32) (f64.convert_i32_u (local.get $i))))
      (local.set 33 (i32.add (local.get 33) (local.get $i)))
      (local.set 34 (i64.add (local.get 34) (i64.extend_i32_u (local.get $i))))
      (local.set 35 (f32.add (local.get 35) (f32.convert_i32_u (local.get $i))))
      (local.set 36 (f64.add (local.get 36) (f64.convert_i32_u (local.get $i))))
      (local.set 37 (i32.add (local.get 37) (local.get $i)))
      (local.set 38 (i64.add (local.get 38) (i64.extend_i32_u (local.get $i))))
      (local.set 39 (f32.add (local.get 39) (f32.convert_i32_u (local.get $i))))
      (local.set 40 (f64.add (local.get 40) (f64.convert_i32_u (local.get $i))))
      (local.set 41 (i32.add (local.get 41) (local.get $i)))
      (local.set 42 (i64.add (local.get 42) (i64.extend_i32_u (local.get $i))))
      (local.set 43 (f32.add (local.get 43) (f32.convert_i32_u (local.get $i))))
      (local.set 44 (f64.add (local.get 44) (f64.convert_i32_u (local.get $i))))
      (local.set 45 (i32.add (local.get 45) (local.get $i)))
      (local.set 46 (i64.add (local.get 46) (i64.extend_i32_u (local.get $i))))
      (local.set 47 (f32.add (local.get 47) (f32.convert_i32_u (local.get $i))))
      (local.set 48 (f64.add (local.get 48) (f64.convert_i32_u (local.get $i))))
      (local.set 49 (i32.add (local.get 49) (local.get $i)))
      (local.set 50 (i64.add (local.get 50) (i64.extend_i32_u (local.get $i))))
      (local.set 51 (f32.add (local.get 51) (f32.convert_i32_u (local.get $i))))
      (local.set 52 (f64.add (local.get 52) (f64.convert_i32_u (local.get $i))))
      (local.set 53 (i32.add (local.get 53) (local.get $i)))
      (local.set 54 (i64.add (local.get 54) (i64.extend_i32_u (local.get $i))))
      (local.set 55 (f32.add (local.get 55) (f32.convert_i32_u (local.get $i))))
      (local.set 56 (f64.add (local.get 56) (f64.convert_i32_u (local.get $i))))
      (local.set 57 (i32.add (local.get 57) (local.get $i)))
      (local.set 58 (i64.add (local.get 58) (i64.extend_i32_u (local.get $i))))
      (local.set 59 (f32.add (local.get 59) (f32.convert_i32_u (local.get $i))))
      (local.set 60 (f64.add (local.get 60) (f64.convert_i32_u (local.get $i))))
      (local.set 61 (i32.add (local.get 61) (local.get $i)))
      (local.set 62 (i64.add (local.get 62) (i64.extend_i32_u (local.get $i))))
      (local.set 63 (f32.add (local.get 63) (f32.convert_i32_u (local.get $i))))
      (local.set 64 (f64.add (local.get 64) (f64.convert_i32_u (local.get $i))))
      (local.set 65 (i32.add (local.get 65) (local.get $i)))
      (local.set 66 (i64.add (local.get 66) (i64.extend_i32_u (local.get $i))))
      (local.set 67 (f32.add (local.get 67) (f32.convert_i32_u (local.get $i))))
      (local.set 68 (f64.add (local.get 68) (f64.convert_i32_u (local.get $i))))
      (local.set 69 (i32.add (local.get 69) (local.get $i)))
      (local.set 70 (i64.add (local.get 70) (i64.extend_i32_u (local.get $i))))
      (local.set 71 (f32.add (local.get 71) (f32.convert_i32_u (local.get $i))))
      (local.set 72 (f64.add (local.get 72) (f64.convert_i32_u (local.get $i))))
      (local.set 73 (i32.add (local.get 73) (local.get $i)))
      (local.set 74 (i64.add (local.get 74) (i64.extend_i32_u (local.get $i))))
      (local.set 75 (f32.add (local.get 75) (f32.convert_i32_u (local.get $i))))
      (local.set 76 (f64.add (local.get 76) (f64.convert_i32_u (local.get $i))))
      (local.set 77 (i32.add (local.get 77) (local.get $i)))
      (local.set 78 (i64.add (local.get 78) (i64.extend_i32_u (local.get $i))))
      (local.set 79 (f32.add (local.get 79) (f32.convert_i32_u (local.get $i))))
      (local.set 80 (f64.add (local.get 80) (f64.convert_i32_u (local.get $i))))
      (local.set 81 (i32.add (local.get 81) (local.get $i)))
      (local.set 82 (i64.add (local.get 82) (i64.extend_i32_u (local.get $i))))
      (local.set 83 (f32.add (local.get 83) (f32.convert_i32_u (local.get $i))))
      (local.set 84 (f64.add (local.get 84) (f64.convert_i32_u (local.get $i))))
      (local.set 85 (i32.add (local.get 85) (local.get $i)))
      (local.set 86 (i64.add (local.get 86) (i64.extend_i32_u (local.get $i))))
      (local.set 87 (f32.add (local.get 87) (f32.convert_i32_u (local.get $i))))
      (local.set 88 (f64.add (local.get 88) (f64.convert_i32_u (local.get $i))))
      (local.set 89 (i32.add (local.get 89) (local.get $i)))
      (local.set 90 (i64.add (local.get 90) (i64.extend_i32_u (local.get $i))))
      (local.set 91 (f32.add (local.get 91) (f32.convert_i32_u (local.get $i))))
      (local.set 92 (f64.add (local.get 92) (f64.convert_i32_u (local.get $i))))
      (local.set 93 (i32.add (local.get 93) (local.get $i)))
      (local.set 94 (i64.add (local.get 94) (i64.extend_i32_u (local.get $i))))
      (local.set 95 (f32.add (local.get 95) (f32.convert_i32_u (local.get $i))))
      (local.set 96 (f64.add (local.get 96) (f64.convert_i32_u (local.get $i))))
      (local.set 97 (i32.add (local.get 97) (local.get $i)))
      (local.set 98 (i64.add (local.get 98) (i64.extend_i32_u (local.get $i))))
      (local.set 99 (f32.add (local.get 99) (f32.convert_i32_u (local.get $i))))
      (local.set 100 (f64.add (local.get 100) (f64.convert_i32_u (local.get $i))))
      (local.set 101 (i32.add (local.get 101) (local.get $i)))
      (local.set 102 (i64.add (local.get 102) (i64.extend_i32_u (local.get $i))))
      (local.set 103 (f32.add (local.get 103) (f32.convert_i32_u (local.get $i))))
      (local.set 104 (f64.add (local.get 104) (f64.convert_i32_u (local.get $i))))
      (local.set 105 (i32.add (local.get 105) (local.get $i)))
      (local.set 106 (i64.add (local.get 106) (i64.extend_i32_u (local.get $i))))
      (local.set 107 (f32.add (local.get 107) (f32.convert_i32_u (local.get $i))))
      (local.set 108 (f64.add (local.get 108) (f64.convert_i32_u (local.get $i))))
      (local.set 109 (i32.add (local.get 109) (local.get $i)))
      (local.set 110 (i64.add (local.get 110) (i64.extend_i32_u (local.get $i))))
      (local.set 111 (f32.add (local.get 111) (f32.convert_i32_u (local.get $i))))
      (local.set 112 (f64.add (local.get 112) (f64.convert_i32_u (local.get $i))))
      (local.set 113 (i32.add (local.get 113) (local.get $i)))
      (local.set 114 (i64.add (local.get 114) (i64.extend_i32_u (local.get $i))))
      (local.set 115 (f32.add (local.get 115) (f32.convert_i32_u (local.get $i))))
      (local.set 116 (f64.add (local.get 116) (f64.convert_i32_u (local.get $i))))
      (local.set 117 (i32.add (local.get 117) (local.get $i)))
      (local.set 118 (i64.add (local.get 118) (i64.extend_i32_u (local.get $i))))
      (local.set 119 (f32.add (local.get 119) (f32.convert_i32_u (local.get $i))))
      (local.set 120 (f64.add (local.get 120) (f64.convert_i32_u (local.get $i))))
      (local.set 121 (i32.add (local.get 121) (local.get $i)))
      (local.set 122 (i64.add (local.get 122) (i64.extend_i32_u (local.get $i))))
      (local.set 123 (f32.add (local.get 123) (f32.convert_i32_u (local.get $i))))
      (local.set 124 (f64.add (local.get 124) (f64.convert_i32_u (local.get $i))))
      (local.set 125 (i32.add (local.get 125) (local.get $i)))
      (local.set 126 (i64.add (local.get 126) (i64.extend_i32_u (local.get $i))))
      (local.set 127 (f32.add (local.get 127) (f32.convert_i32_u (local.get $i))))
      (local.set 128 (f64.add (local.get 128) (f64.convert_i32_u (local.get $i))))
      (local.set 129 (i32.add (local.get 129) (local.get $i)))
      (local.set 130 (i64.add (local.get 130) (i64.extend_i32_u (local.get $i))))
      (local.set 131 (f32.add (local.get 131) (f32.convert_i32_u (local.get $i))))
      (local.set 132 (f64.add (local.get 132) (f64.convert_i32_u (local.get $i))))
      (local.set 133 (i32.add (local.get 133) (local.get $i)))
      (local.set 134 (i64.add (local.get 134) (i64.extend_i32_u (local.get $i))))
      (local.set 135 (f32.add (local.get 135) (f32.convert_i32_u (local.get $i))))
      (local.set 136 (f64.add (local.get 136) (f64.convert_i32_u (local.get $i))))
      (local.set 137 (i32.add (local.get 137) (local.get $i)))
      (local.set 138 (i64.add (local.get 138) (i64.extend_i32_u (local.get $i))))
      (local.set 139 (f32.add (local.get 139) (f32.convert_i32_u (local.get $i))))
      (local.set 140 (f64.add (local.get 140) (f64.convert_i32_u (local.get $i))))
      (local.set 141 (i32.add (local.get 141) (local.get $i)))
      (local.set 142 (i64.add (local.get 142) (i64.extend_i32_u (local.get $i))))
      (local.set 143 (f32.add (local.get 143) (f32.convert_i32_u (local.get $i))))
      (local.set 144 (f64.add (local.get 144) (f64.convert_i32_u (local.get $i))))
      (local.set 145 (i32.add (local.get 145) (local.get $i)))
      (local.set 146 (i64.add (local.get 146) (i64.extend_i32_u (local.get $i))))
      (local.set 147 (f32.add (local.get 147) (f32.convert_i32_u (local.get $i))))
      (local.set 148 (f64.add (local.get 148) (f64.convert_i32_u (local.get $i))))
      (local.set 149 (i32.add (local.get 149) (local.get $i)))
      (local.set 150 (i64.add (local.get 150) (i64.extend_i32_u (local.get $i))))
      (local.set 151 (f32.add (local.get 151) (f32.convert_i32_u (local.get $i))))
      (local.set 152 (f64.add (local.get 152) (f64.convert_i32_u (local.get $i))))
      (local.set 153 (i32.add (local.get 153) (local.get $i)))
      (local.set 154 (i64.add (local.get 154) (i64.extend_i32_u (local.get $i))))
      (local.set 155 (f32.add (local.get 155) (f32.convert_i32_u (local.get $i))))
      (local.set 156 (f64.add (local.get 156) (f64.convert_i32_u (local.get $i))))
      (local.set 157 (i32.add (local.get 157) (local.get $i)))
      (local.set 158 (i64.add (local.get 158) (i64.extend_i32_u (local.get $i))))
      (local.set 159 (f32.add (local.get 159) (f32.convert_i32_u (local.get $i))))
      (local.set 160 (f64.add (local.get 160) (f64.convert_i32_u (local.get $i))))
      (local.set 161 (i32.add (local.get 161) (local.get $i)))
      (local.set 162 (i64.add (local.get 162) (i64.extend_i32_u (local.get $i))))
      (local.set 163 (f32.add (local.get 163) (f32.convert_i32_u (local.get $i))))
      (local.set 164 (f64.add (local.get 164) (f64.convert_i32_u (local.get $i))))
      (local.set 165 (i32.add (local.get 165) (local.get $i)))
      (local.set 166 (i64.add (local.get 166) (i64.extend_i32_u (local.get $i))))
      (local.set 167 (f32.add (local.get 167) (f32.convert_i32_u (local.get $i))))
      (local.set 168 (f64.add (local.get 168) (f64.convert_i32_u (local.get $i))))
      (local.set 169 (i32.add (local.get 169) (local.get $i)))
      (local.set 170 (i64.add (local.get 170) (i64.extend_i32_u (local.get $i))))
      (local.set 171 (f32.add (local.get 171) (f32.convert_i32_u (local.get $i))))
      (local.set 172 (f64.add (local.get 172) (f64.convert_i32_u (local.get $i))))
      (local.set 173 (i32.add (local.get 173) (local.get $i)))
      (local.set 174 (i64.add (local.get 174) (i64.extend_i32_u (local.get $i))))
      (local.set 175 (f32.add (local.get 175) (f32.convert_i32_u (local.get $i))))
      (local.set 176 (f64.add (local.get 176) (f64.convert_i32_u (local.get $i))))
      (local.set 177 (i32.add (local.get 177) (local.get $i)))
      (local.set 178 (i64.add (local.get 178) (i64.extend_i32_u (local.get $i))))
      (local.set 179 (f32.add (local.get 179) (f32.convert_i32_u (local.get $i))))
      (local.set 180 (f64.add (local.get 180) (f64.convert_i32_u (local.get $i))))
      (local.set 181 (i32.add (local.get 181) (local.get $i)))
      (local.set 182 (i64.add (local.get 182) (i64.extend_i32_u (local.get $i))))
      (local.set 183 (f32.add (local.get 183) (f32.convert_i32_u (local.get $i))))
      (local.set 184 (f64.add (local.get 184) (f64.convert_i32_u (local.get $i))))
      (local.set 185 (i32.add (local.get 185) (local.get $i)))
      (local.set 186 (i64.add (local.get 186) (i64.extend_i32_u (local.get $i))))
      (local.set 187 (f32.add (local.get 187) (f32.convert_i32_u (local.get $i))))
      (local.set 188 (f64.add (local.get 188) (f64.convert_i32_u (local.get $i))))
      (local.set 189 (i32.add (local.get 189) (local.get $i)))
      (local.set 190 (i64.add (local.get 190) (i64.extend_i32_u (local.get $i))))
      (local.set 191 (f32.add (local.get 191) (f32.convert_i32_u (local.get $i))))
      (local.set 192 (f64.add (local.get 192) (f64.convert_i32_u (local.get $i))))
      (local.set 193 (i32.add (local.get 193) (local.get $i)))
      (local.set 194 (i64.add (local.get 194) (i64.extend_i32_u (local.get $i))))
      (local.set 195 (f32.add (local.get 195) (f32.convert_i32_u (local.get $i))))
      (local.set 196 (f64.add (local.get 196) (f64.convert_i32_u (local.get $i))))
      (local.set 197 (i32.add (local.get 197) (local.get $i)))
      (local.set 198 (i64.add (local.get 198) (i64.extend_i32_u (local.get $i))))
      (local.set 199 (f32.add (local.get 199) (f32.convert_i32_u (local.get $i))))
      (local.set 200 (f64.add (local.get 200) (f64.convert_i32_u (local.get $i))))
      (local.set 201 (i32.add (local.get 201) (local.get $i)))
      (local.set 202 (i64.add (local.get 202) (i64.extend_i32_u (local.get $i))))
      (local.set 203 (f32.add (local.get 203) (f32.convert_i32_u (local.get $i))))
      (local.set 204 (f64.add (local.get 204) (f64.convert_i32_u (local.get $i))))
      (local.set 205 (i32.add (local.get 205) (local.get $i)))
      (local.set 206 (i64.add (local.get 206) (i64.extend_i32_u (local.get $i))))
      (local.set 207 (f32.add (local.get 207) (f32.convert_i32_u (local.get $i))))
      (local.set 208 (f64.add (local.get 208) (f64.convert_i32_u (local.get $i))))
      (local.set 209 (i32.add (local.get 209) (local.get $i)))
      (local.set 210 (i64.add (local.get 210) (i64.extend_i32_u (local.get $i))))
      (local.set 211 (f32.add (local.get 211) (f32.convert_i32_u (local.get $i))))
      (local.set 212 (f64.add (local.get 212) (f64.convert_i32_u (local.get $i))))
      (local.set 213 (i32.add (local.get 213) (local.get $i)))
      (local.set 214 (i64.add (local.get 214) (i64.extend_i32_u (local.get $i))))
      (local.set 215 (f32.add (local.get 215) (f32.convert_i32_u (local.get $i))))
      (local.set 216 (f64.add (local.get 216) (f64.convert_i32_u (local.get $i))))
      (local.set 217 (i32.add (local.get 217) (local.get $i)))
      (local.set 218 (i64.add (local.get 218) (i64.extend_i32_u (local.get $i))))
      (local.set 219 (f32.add (local.get 219) (f32.convert_i32_u (local.get $i))))
      (local.set 220 (f64.add (local.get 220) (f64.convert_i32_u (local.get $i))))
      (local.set 221 (i32.add (local.get 221) (local.get $i)))
      (local.set 222 (i64.add (local.get 222) (i64.extend_i32_u (local.get $i))))
      (local.set 223 (f32.add (local.get 223) (f32.convert_i32_u (local.get $i))))
      (local.set 224 (f64.add (local.get 224) (f64.convert_i32_u (local.get $i))))
      (local.set 225 (i32.add (local.get 225) (local.get $i)))
      (local.set 226 (i64.add (local.get 226) (i64.extend_i32_u (local.get $i))))
      (local.set 227 (f32.add (local.get 227) (f32.convert_i32_u (local.get $i))))
      (local.set 228 (f64.add (local.get 228) (f64.convert_i32_u (local.get $i))))
      (local.set 229 (i32.add (local.get 229) (local.get $i)))
      (local.set 230 (i64.add (local.get 230) (i64.extend_i32_u (local.get $i))))
      (local.set 231 (f32.add (local.get 231) (f32.convert_i32_u (local.get $i))))
      (local.set 232 (f64.add (local.get 232) (f64.convert_i32_u (local.get $i))))
      (local.set 233 (i32.add (local.get 233) (local.get $i)))
      (local.set 234 (i64.add (local.get 234) (i64.extend_i32_u (local.get $i))))
      (local.set 235 (f32.add (local.get 235) (f32.convert_i32_u (local.get $i))))
      (local.set 236 (f64.add (local.get 236) (f64.convert_i32_u (local.get $i))))
      (local.set 237 (i32.add (local.get 237) (local.get $i)))
      (local.set 238 (i64.add (local.get 238) (i64.extend_i32_u (local.get $i))))
      (local.set 239 (f32.add (local.get 239) (f32.convert_i32_u (local.get $i))))
      (local.set 240 (f64.add (local.get 240) (f64.convert_i32_u (local.get $i))))
      (local.set 241 (i32.add (local.get 241) (local.get $i)))
      (local.set 242 (i64.add (local.get 242) (i64.extend_i32_u (local.get $i))))
      (local.set 243 (f32.add (local.get 243) (f32.convert_i32_u (local.get $i))))
      (local.set 244 (f64.add (local.get 244) (f64.convert_i32_u (local.get $i))))
      (local.set 245 (i32.add (local.get 245) (local.get $i)))
      (local.set 246 (i64.add (local.get 246) (i64.extend_i32_u (local.get $i))))
      (local.set 247 (f32.add (local.get 247) (f32.convert_i32_u (local.get $i))))
      (local.set 248 (f64.add (local.get 248) (f64.convert_i32_u (local.get $i))))
      (local.set 249 (i32.add (local.get 249) (local.get $i)))
      (local.set 250 (i64.add (local.get 250) (i64.extend_i32_u (local.get $i))))
      (local.set 251 (f32.add (local.get 251) (f32.convert_i32_u (local.get $i))))
      (local.set 252 (f64.add (local.get 252) (f64.convert_i32_u (local.get $i))))
      (local.set 253 (i32.add (local.get 253) (local.get $i)))
      (local.set 254 (i64.add (local.get 254) (i64.extend_i32_u (local.get $i))))
      (local.set 255 (f32.add (local.get 255) (f32.convert_i32_u (local.get $i))))
      (local.set 256 (f64.add (local.get 256) (f64.convert_i32_u (local.get $i))))
      (local.set 257 (i32.add (local.get 257) (local.get $i)))
      (local.set 258 (i64.add (local.get 258) (i64.extend_i32_u (local.get $i))))
      (local.set 259 (f32.add (local.get 259) (f32.convert_i32_u (local.get $i))))
      (local.set 260 (f64.add (local.get 260) (f64.convert_i32_u (local.get $i))))
      (local.set 261 (i32.add (local.get 261) (local.get $i)))
      (local.set 262 (i64.add (local.get 262) (i64.extend_i32_u (local.get $i))))
      (local.set 263 (f32.add (local.get 263) (f32.convert_i32_u (local.get $i))))
      (local.set 264 (f64.add (local.get 264) (f64.convert_i32_u (local.get $i))))
      (local.set 265 (i32.add (local.get 265) (local.get $i)))
      (local.set 266 (i64.add (local.get 266) (i64.extend_i32_u (local.get $i))))
      (local.set 267 (f32.add (local.get 267) (f32.convert_i32_u (local.get $i))))
      (local.set 268 (f64.add (local.get 268) (f64.convert_i32_u (local.get $i))))
      (local.set 269 (i32.add (local.get 269) (local.get $i)))
      (local.set 270 (i64.add (local.get 270) (i64.extend_i32_u (local.get $i))))
      (local.set 271 (f32.add (local.get 271) (f32.convert_i32_u (local.get $i))))
      (local.set 272 (f64.add (local.get 272) (f64.convert_i32_u (local.get $i))))
      (local.set 273 (i32.add (local.get 273) (local.get $i)))
      (local.set 274 (i64.add (local.get 274) (i64.extend_i32_u (local.get $i))))
      (local.set 275 (f32.add (local.get 275) (f32.convert_i32_u (local.get $i))))
      (local.set 276 (f64.add (local.get 276) (f64.convert_i32_u (local.get $i))))
      (local.set 277 (i32.add (local.get 277) (local.get $i)))
      (local.set 278 (i64.add (local.get 278) (i64.extend_i32_u (local.get $i))))
      (local.set 279 (f32.add (local.get 279) (f32.convert_i32_u (local.get $i))))
      (local.set 280 (f64.add (local.get 280) (f64.convert_i32_u (local.get $i))))
      (local.set 281 (i32.add (local.get 281) (local.get $i)))
      (local.set 282 (i64.add (local.get 282) (i64.extend_i32_u (local.get $i))))
      (local.set 283 (f32.add (local.get 283) (f32.convert_i32_u (local.get $i))))
      (local.set 284 (f64.add (local.get 284) (f64.convert_i32_u (local.get $i))))
      (local.set 285 (i32.add (local.get 285) (local.get $i)))
      (local.set 286 (i64.add (local.get 286) (i64.extend_i32_u (local.get $i))))
      (local.set 287 (f32.add (local.get 287) (f32.convert_i32_u (local.get $i))))
      (local.set 288 (f64.add (local.get 288) (f64.convert_i32_u (local.get $i))))
      (local.set 289 (i32.add (local.get 289) (local.get $i)))
      (local.set 290 (i64.add (local.get 290) (i64.extend_i32_u (local.get $i))))
      (local.set 291 (f32.add (local.get 291) (f32.convert_i32_u (local.get $i))))
      (local.set 292 (f64.add (local.get 292) (f64.convert_i32_u (local.get $i))))
      (local.set 293 (i32.add (local.get 293) (local.get $i)))
      (local.set 294 (i64.add (local.get 294) (i64.extend_i32_u (local.get $i))))
      (local.set 295 (f32.add (local.get 295) (f32.convert_i32_u (local.get $i))))
      (local.set 296 (f64.add (local.get 296) (f64.convert_i32_u (local.get $i))))
      (local.set 297 (i32.add (local.get 297) (local.get $i)))
      (local.set 298 (i64.add (local.get 298) (i64.extend_i32_u (local.get $i))))
      (local.set 299 (f32.add (local.get 299) (f32.convert_i32_u (local.get $i))))
      (local.set 300 (f64.add (local.get 300) (f64.convert_i32_u (local.get $i))))
      (local.set $i (i32.add (call $id (local.get $i)) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (i64.const 0)
    (i64.extend_i32_u (local.get 1)) i64.add
    (local.get 2) i64.add
    (i64.trunc_f32_u (local.get 3)) i64.add
    (i64.trunc_f64_u (local.get 4)) i64.add
    (i64.extend_i32_u (local.get 5)) i64.add
    (local.get 6) i64.add
    (i64.trunc_f32_u (local.get 7)) i64.add
    (i64.trunc_f64_u (local.get 8)) i64.add
    (i64.extend_i32_u (local.get 9)) i64.add
    (local.get 10) i64.add
    (i64.trunc_f32_u (local.get 11)) i64.add
    (i64.trunc_f64_u (local.get 12)) i64.add
    (i64.extend_i32_u (local.get 13)) i64.add
    (local.get 14) i64.add
    (i64.trunc_f32_u (local.get 15)) i64.add
    (i64.trunc_f64_u (local.get 16)) i64.add
    (i64.extend_i32_u (local.get 17)) i64.add
    (local.get 18) i64.add
    (i64.trunc_f32_u (local.get 19)) i64.add
    (i64.trunc_f64_u (local.get 20)) i64.add
    (i64.extend_i32_u (local.get 21)) i64.add
    (local.get 22) i64.add
    (i64.trunc_f32_u (local.get 23)) i64.add
    (i64.trunc_f64_u (local.get 24)) i64.add
    (i64.extend_i32_u (local.get 25)) i64.add
    (local.get 26) i64.add
    (i64.trunc_f32_u (local.get 27)) i64.add
    (i64.trunc_f64_u (local.get 28)) i64.add
    (i64.extend_i32_u (local.get 29)) i64.add
    (local.get 30) i64.add
    (i64.trunc_f32_u (local.get 31)) i64.add
    (i64.trunc_f64_u (local.get 32)) i64.add
    (i64.extend_i32_u (local.get 33)) i64.add
    (local.get 34) i64.add
    (i64.trunc_f32_u (local.get 35)) i64.add
    (i64.trunc_f64_u (local.get 36)) i64.add
    (i64.extend_i32_u (local.get 37)) i64.add
    (local.get 38) i64.add
    (i64.trunc_f32_u (local.get 39)) i64.add
    (i64.trunc_f64_u (local.get 40)) i64.add
    (i64.extend_i32_u (local.get 41)) i64.add
    (local.get 42) i64.add
    (i64.trunc_f32_u (local.get 43)) i64.add
    (i64.trunc_f64_u (local.get 44)) i64.add
    (i64.extend_i32_u (local.get 45)) i64.add
    (local.get 46) i64.add
    (i64.trunc_f32_u (local.get 47)) i64.add
    (i64.trunc_f64_u (local.get 48)) i64.add
    (i64.extend_i32_u (local.get 49)) i64.add
    (local.get 50) i64.add
    (i64.trunc_f32_u (local.get 51)) i64.add
    (i64.trunc_f64_u (local.get 52)) i64.add
    (i64.extend_i32_u (local.get 53)) i64.add
    (local.get 54) i64.add
    (i64.trunc_f32_u (local.get 55)) i64.add
    (i64.trunc_f64_u (local.get 56)) i64.add
    (i64.extend_i32_u (local.get 57)) i64.add
    (local.get 58) i64.add
    (i64.trunc_f32_u (local.get 59)) i64.add
    (i64.trunc_f64_u (local.get 60)) i64.add
    (i64.extend_i32_u (local.get 61)) i64.add
    (local.get 62) i64.add
    (i64.trunc_f32_u (local.get 63)) i64.add
    (i64.trunc_f64_u (local.get 64)) i64.add
    (i64.extend_i32_u (local.get 65)) i64.add
    (local.get 66) i64.add
    (i64.trunc_f32_u (local.get 67)) i64.add
    (i64.trunc_f64_u (local.get 68)) i64.add
    (i64.extend_i32_u (local.get 69)) i64.add
    (local.get 70) i64.add
    (i64.trunc_f32_u (local.get 71)) i64.add
    (i64.trunc_f64_u (local.get 72)) i64.add
    (i64.extend_i32_u (local.get 73)) i64.add
    (local.get 74) i64.add
    (i64.trunc_f32_u (local.get 75)) i64.add
    (i64.trunc_f64_u (local.get 76)) i64.add
    (i64.extend_i32_u (local.get 77)) i64.add
    (local.get 78) i64.add
    (i64.trunc_f32_u (local.get 79)) i64.add
    (i64.trunc_f64_u (local.get 80)) i64.add
    (i64.extend_i32_u (local.get 81)) i64.add
    (local.get 82) i64.add
    (i64.trunc_f32_u (local.get 83)) i64.add
    (i64.trunc_f64_u (local.get 84)) i64.add
    (i64.extend_i32_u (local.get 85)) i64.add
    (local.get 86) i64.add
    (i64.trunc_f32_u (local.get 87)) i64.add
    (i64.trunc_f64_u (local.get 88)) i64.add
    (i64.extend_i32_u (local.get 89)) i64.add
    (local.get 90) i64.add
    (i64.trunc_f32_u (local.get 91)) i64.add
    (i64.trunc_f64_u (local.get 92)) i64.add
    (i64.extend_i32_u (local.get 93)) i64.add
    (local.get 94) i64.add
    (i64.trunc_f32_u (local.get 95)) i64.add
    (i64.trunc_f64_u (local.get 96)) i64.add
    (i64.extend_i32_u (local.get 97)) i64.add
    (local.get 98) i64.add
    (i64.trunc_f32_u (local.get 99)) i64.add
    (i64.trunc_f64_u (local.get 100)) i64.add
    (i64.extend_i32_u (local.get 101)) i64.add
    (local.get 102) i64.add
    (i64.trunc_f32_u (local.get 103)) i64.add
    (i64.trunc_f64_u (local.get 104)) i64.add
    (i64.extend_i32_u (local.get 105)) i64.add
    (local.get 106) i64.add
    (i64.trunc_f32_u (local.get 107)) i64.add
    (i64.trunc_f64_u (local.get 108)) i64.add
    (i64.extend_i32_u (local.get 109)) i64.add
    (local.get 110) i64.add
    (i64.trunc_f32_u (local.get 111)) i64.add
    (i64.trunc_f64_u (local.get 112)) i64.add
    (i64.extend_i32_u (local.get 113)) i64.add
    (local.get 114) i64.add
    (i64.trunc_f32_u (local.get 115)) i64.add
    (i64.trunc_f64_u (local.get 116)) i64.add
    (i64.extend_i32_u (local.get 117)) i64.add
    (local.get 118) i64.add
    (i64.trunc_f32_u (local.get 119)) i64.add
    (i64.trunc_f64_u (local.get 120)) i64.add
    (i64.extend_i32_u (local.get 121)) i64.add
    (local.get 122) i64.add
    (i64.trunc_f32_u (local.get 123)) i64.add
    (i64.trunc_f64_u (local.get 124)) i64.add
    (i64.extend_i32_u (local.get 125)) i64.add
    (local.get 126) i64.add
    (i64.trunc_f32_u (local.get 127)) i64.add
    (i64.trunc_f64_u (local.get 128)) i64.add
    (i64.extend_i32_u (local.get 129)) i64.add
    (local.get 130) i64.add
    (i64.trunc_f32_u (local.get 131)) i64.add
    (i64.trunc_f64_u (local.get 132)) i64.add
    (i64.extend_i32_u (local.get 133)) i64.add
    (local.get 134) i64.add
    (i64.trunc_f32_u (local.get 135)) i64.add
    (i64.trunc_f64_u (local.get 136)) i64.add
    (i64.extend_i32_u (local.get 137)) i64.add
    (local.get 138) i64.add
    (i64.trunc_f32_u (local.get 139)) i64.add
    (i64.trunc_f64_u (local.get 140)) i64.add
    (i64.extend_i32_u (local.get 141)) i64.add
    (local.get 142) i64.add
    (i64.trunc_f32_u (local.get 143)) i64.add
    (i64.trunc_f64_u (local.get 144)) i64.add
    (i64.extend_i32_u (local.get 145)) i64.add
    (local.get 146) i64.add
    (i64.trunc_f32_u (local.get 147)) i64.add
    (i64.trunc_f64_u (local.get 148)) i64.add
    (i64.extend_i32_u (local.get 149)) i64.add
    (local.get 150) i64.add
    (i64.trunc_f32_u (local.get 151)) i64.add
    (i64.trunc_f64_u (local.get 152)) i64.add
    (i64.extend_i32_u (local.get 153)) i64.add
    (local.get 154) i64.add
    (i64.trunc_f32_u (local.get 155)) i64.add
    (i64.trunc_f64_u (local.get 156)) i64.add
    (i64.extend_i32_u (local.get 157)) i64.add
    (local.get 158) i64.add
    (i64.trunc_f32_u (local.get 159)) i64.add
    (i64.trunc_f64_u (local.get 160)) i64.add
    (i64.extend_i32_u (local.get 161)) i64.add
    (local.get 162) i64.add
    (i64.trunc_f32_u (local.get 163)) i64.add
    (i64.trunc_f64_u (local.get 164)) i64.add
    (i64.extend_i32_u (local.get 165)) i64.add
    (local.get 166) i64.add
    (i64.trunc_f32_u (local.get 167)) i64.add
    (i64.trunc_f64_u (local.get 168)) i64.add
    (i64.extend_i32_u (local.get 169)) i64.add
    (local.get 170) i64.add
    (i64.trunc_f32_u (local.get 171)) i64.add
    (i64.trunc_f64_u (local.get 172)) i64.add
    (i64.extend_i32_u (local.get 173)) i64.add
    (local.get 174) i64.add
    (i64.trunc_f32_u (local.get 175)) i64.add
    (i64.trunc_f64_u (local.get 176)) i64.add
    (i64.extend_i32_u (local.get 177)) i64.add
    (local.get 178) i64.add
    (i64.trunc_f32_u (local.get 179)) i64.add
    (i64.trunc_f64_u (local.get 180)) i64.add
    (i64.extend_i32_u (local.get 181)) i64.add
    (local.get 182) i64.add
    (i64.trunc_f32_u (local.get 183)) i64.add
    (i64.trunc_f64_u (local.get 184)) i64.add
    (i64.extend_i32_u (local.get 185)) i64.add
    (local.get 186) i64.add
    (i64.trunc_f32_u (local.get 187)) i64.add
    (i64.trunc_f64_u (local.get 188)) i64.add
    (i64.extend_i32_u (local.get 189)) i64.add
    (local.get 190) i64.add
    (i64.trunc_f32_u (local.get 191)) i64.add
    (i64.trunc_f64_u (local.get 192)) i64.add
    (i64.extend_i32_u (local.get 193)) i64.add
    (local.get 194) i64.add
    (i64.trunc_f32_u (local.get 195)) i64.add
    (i64.trunc_f64_u (local.get 196)) i64.add
    (i64.extend_i32_u (local.get 197)) i64.add
    (local.get 198) i64.add
    (i64.trunc_f32_u (local.get 199)) i64.add
    (i64.trunc_f64_u (local.get 200)) i64.add
    (i64.extend_i32_u (local.get 201)) i64.add
    (local.get 202) i64.add
    (i64.trunc_f32_u (local.get 203)) i64.add
    (i64.trunc_f64_u (local.get 204)) i64.add
    (i64.extend_i32_u (local.get 205)) i64.add
    (local.get 206) i64.add
    (i64.trunc_f32_u (local.get 207)) i64.add
    (i64.trunc_f64_u (local.get 208)) i64.add
    (i64.extend_i32_u (local.get 209)) i64.add
    (local.get 210) i64.add
    (i64.trunc_f32_u (local.get 211)) i64.add
    (i64.trunc_f64_u (local.get 212)) i64.add
    (i64.extend_i32_u (local.get 213)) i64.add
    (local.get 214) i64.add
    (i64.trunc_f32_u (local.get 215)) i64.add
    (i64.trunc_f64_u (local.get 216)) i64.add
    (i64.extend_i32_u (local.get 217)) i64.add
    (local.get 218) i64.add
    (i64.trunc_f32_u (local.get 219)) i64.add
    (i64.trunc_f64_u (local.get 220)) i64.add
    (i64.extend_i32_u (local.get 221)) i64.add
    (local.get 222) i64.add
    (i64.trunc_f32_u (local.get 223)) i64.add
    (i64.trunc_f64_u (local.get 224)) i64.add
    (i64.extend_i32_u (local.get 225)) i64.add
    (local.get 226) i64.add
    (i64.trunc_f32_u (local.get 227)) i64.add
    (i64.trunc_f64_u (local.get 228)) i64.add
    (i64.extend_i32_u (local.get 229)) i64.add
    (local.get 230) i64.add
    (i64.trunc_f32_u (local.get 231)) i64.add
    (i64.trunc_f64_u (local.get 232)) i64.add
    (i64.extend_i32_u (local.get 233)) i64.add
    (local.get 234) i64.add
    (i64.trunc_f32_u (local.get 235)) i64.add
    (i64.trunc_f64_u (local.get 236)) i64.add
    (i64.extend_i32_u (local.get 237)) i64.add
    (local.get 238) i64.add
    (i64.trunc_f32_u (local.get 239)) i64.add
    (i64.trunc_f64_u (local.get 240)) i64.add
    (i64.extend_i32_u (local.get 241)) i64.add
    (local.get 242) i64.add
    (i64.trunc_f32_u (local.get 243)) i64.add
    (i64.trunc_f64_u (local.get 244)) i64.add
    (i64.extend_i32_u (local.get 245)) i64.add
    (local.get 246) i64.add
    (i64.trunc_f32_u (local.get 247)) i64.add
    (i64.trunc_f64_u (local.get 248)) i64.add
    (i64.extend_i32_u (local.get 249)) i64.add
    (local.get 250) i64.add
    (i64.trunc_f32_u (local.get 251)) i64.add
    (i64.trunc_f64_u (local.get 252)) i64.add
    (i64.extend_i32_u (local.get 253)) i64.add
    (local.get 254) i64.add
    (i64.trunc_f32_u (local.get 255)) i64.add
    (i64.trunc_f64_u (local.get 256)) i64.add
    (i64.extend_i32_u (local.get 257)) i64.add
    (local.get 258) i64.add
    (i64.trunc_f32_u (local.get 259)) i64.add
    (i64.trunc_f64_u (local.get 260)) i64.add
    (i64.extend_i32_u (local.get 261)) i64.add
    (local.get 262) i64.add
    (i64.trunc_f32_u (local.get 263)) i64.add
    (i64.trunc_f64_u (local.get 264)) i64.add
    (i64.extend_i32_u (local.get 265)) i64.add
    (local.get 266) i64.add
    (i64.trunc_f32_u (local.get 267)) i64.add
    (i64.trunc_f64_u (local.get 268)) i64.add
    (i64.extend_i32_u (local.get 269)) i64.add
    (local.get 270) i64.add
    (i64.trunc_f32_u (local.get 271)) i64.add
    (i64.trunc_f64_u (local.get 272)) i64.add
    (i64.extend_i32_u (local.get 273)) i64.add
    (local.get 274) i64.add
    (i64.trunc_f32_u (local.get 275)) i64.add
    (i64.trunc_f64_u (local.get 276)) i64.add
    (i64.extend_i32_u (local.get 277)) i64.add
    (local.get 278) i64.add
    (i64.trunc_f32_u (local.get 279)) i64.add
    (i64.trunc_f64_u (local.get 280)) i64.add
    (i64.extend_i32_u (local.get 281)) i64.add
    (local.get 282) i64.add
    (i64.trunc_f32_u (local.get 283)) i64.add
    (i64.trunc_f64_u (local.get 284)) i64.add
    (i64.extend_i32_u (local.get 285)) i64.add
    (local.get 286) i64.add
    (i64.trunc_f32_u (local.get 287)) i64.add
    (i64.trunc_f64_u (local.get 288)) i64.add
    (i64.extend_i32_u (local.get 289)) i64.add
    (local.get 290) i64.add
    (i64.trunc_f32_u (local.get 291)) i64.add
    (i64.trunc_f64_u (local.get 292)) i64.add
    (i64.extend_i32_u (local.get 293)) i64.add
    (local.get 294) i64.add
    (i64.trunc_f32_u (local.get 295)) i64.add
    (i64.trunc_f64_u (local.get 296)) i64.add
    (i64.extend_i32_u (local.get 297)) i64.add
    (local.get 298) i64.add
    (i64.trunc_f32_u (local.get 299)) i64.add
    (i64.trunc_f64_u (local.get 300)) i64.add
  ))
(assert_return (invoke "fill" (i32.const 10)) (i64.const 13500))
(assert_return (invoke "fill" (i32.const 1)) (i64.const 0))
(assert_return (invoke "fill" (i32.const 1000)) (i64.const 149850000))
