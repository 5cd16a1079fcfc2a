void stub_log(const char *level, const char *tag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define ESP_LOGI(tag, ...) stub_log("I", tag, __VA_ARGS__)
#define ESP_LOGE(tag, ...) stub_log("E", tag, __VA_ARGS__)
