# Writes a C++ source that holds files byte for byte: cmake -DOUT=FILE -DFOLDER=FOLDER -DFILES="a b" -P embed.cmake
# Arrays rather than `.incbin`, which a compiler cache does not see through.
separate_arguments(FILES)
set(text "#include \"dashboards/console/console_bytes.h\"\n\nnamespace ketavigil::dashboards::console {\nnamespace {\n")
set(rows "")
foreach(name ${FILES})
  file(READ ${FOLDER}/${name} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(MAKE_C_IDENTIFIER ${name} identifier)
  string(APPEND text "constexpr unsigned char ${identifier}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", ${identifier}, sizeof ${identifier} - 1},\n")
endforeach()
string(APPEND text "constexpr EmbeddedFile files[] = {\n${rows}};\n}  // namespace\n\n"
  "std::span<const EmbeddedFile> embedded_files() { return files; }\n\n}  // namespace ketavigil::dashboards::console\n")
file(WRITE ${OUT} "${text}")
