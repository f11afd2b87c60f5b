"""Settings that tests begin with which are about one method alone."""

from nst.config import StyleTransferConfig

#: All over the picture the statistics of its features, from the first evaluation to the last.
STATISTICS = StyleTransferConfig(method="statistics")
