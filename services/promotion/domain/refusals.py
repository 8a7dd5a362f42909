"""What promotion refuses in more than one place."""

from shared.values import Refusal


class NotListed(Refusal):
    rule = "product-not-listed"
    vi = "Ngày {on} sản phẩm {product} không có trong danh mục: không có giấy chứng nhận còn hiệu lực."
    en = "Product {product} is not in the catalogue on {on}: it has no certificate in force."


class DateGoesBack(Refusal):
    rule = "date-goes-back"
    vi = "Ngày {on} trước bước liền trước ({last})."
    en = "The date {on} is before the step before it ({last})."
