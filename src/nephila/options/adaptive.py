"""Crawling until enough is known."""

from __future__ import annotations

from typing import Annotated

from nephila.errors import ConfigError
from nephila.options.base import Config
from nephila.options.llm import LLMConfig
from nephila.options.rules import AtLeast, Count, Fraction, OneOf, PositiveInt, Weight


class AdaptiveConfig(Config, kw_only=False):
    """When a crawl that looks for an answer has seen enough, and where it looks next.

    Attributes:
        confidence_threshold: The crawl ends when its confidence reaches it, 0 to 1.
        max_depth: Links followed from the start at most.
        max_pages: Pages visited at most.
        top_k_links: Links followed from one page.
        min_gain_threshold: The crawl ends when the best link promises less, 0 to 1.
        strategy: `statistical` or `embedding`.
        saturation_threshold: Share of known terms at which new pages count as bringing nothing new, 0 to 1.
        consistency_threshold: Agreement between pages that counts as consistent, 0 to 1.
        coverage_weight: Weight of the query's coverage in the confidence.
        consistency_weight: Weight of the pages' agreement in the confidence.
        saturation_weight: Weight of saturation in the confidence.
        relevance_weight: Weight of a link's relevance in its rank.
        novelty_weight: Weight of a link's novelty in its rank.
        authority_weight: Weight of a link's authority in its rank.
        save_state: Write the state to `state_path` after each page.
        state_path: File of the state.
        embedding_model: Name of the sentence embedding model.
        embedding_llm_config: Where embeddings come from, when not from a local model.
        query_llm_config: The model that words the query differently.
        n_query_variations: Wordings of the query.
        coverage_threshold: Similarity at which a wording counts as covered, 0 to 1.
        alpha_shape_alpha: Alpha of the alpha shape around the query's wordings.
        embedding_min_confidence_threshold: Below it the query counts as unrelated to the site, 0 to 1.
        embedding_coverage_radius: Distance within which a page covers a wording.
        embedding_k_exp: Steepness of the decay of coverage with distance.
        embedding_nearest_weight: Weight of the nearest page in a wording's coverage.
        embedding_top_k_weight: Weight of the nearest pages' mean in a wording's coverage.
        embedding_overlap_threshold: Similarity from which two pages count as the same, 0 to 1.
        link_preview_timeout: Seconds for the head of one linked page.
        embedding_min_relative_improvement: The crawl ends when the confidence grows by a smaller share, 0 to 1.
        embedding_validation_min_score: Confidence that withheld wordings must reach, 0 to 1.
        embedding_quality_min_confidence: Lowest confidence shown for a validated crawl, 0 to 1.
        embedding_quality_max_confidence: Highest confidence shown for a validated crawl, 0 to 1.
        embedding_quality_scale_factor: Slope between the two.
    """

    confidence_threshold: Fraction = 0.7
    max_depth: PositiveInt = 5
    max_pages: PositiveInt = 20
    top_k_links: PositiveInt = 3
    min_gain_threshold: Fraction = 0.1
    strategy: Annotated[str, OneOf(("statistical", "embedding"))] = "statistical"
    saturation_threshold: Fraction = 0.8
    consistency_threshold: Fraction = 0.7
    coverage_weight: Weight = 0.4
    consistency_weight: Weight = 0.3
    saturation_weight: Weight = 0.3
    relevance_weight: Weight = 0.5
    novelty_weight: Weight = 0.3
    authority_weight: Weight = 0.2
    save_state: bool = False
    state_path: str | None = None
    embedding_model: str = "sentence-transformers/all-MiniLM-L6-v2"
    embedding_llm_config: LLMConfig | None = None
    query_llm_config: LLMConfig | None = None
    n_query_variations: Count = 10
    coverage_threshold: Fraction = 0.85
    alpha_shape_alpha: Annotated[float, AtLeast(0)] = 0.5
    embedding_min_confidence_threshold: Fraction = 0.1
    embedding_coverage_radius: Annotated[float, AtLeast(0)] = 0.2
    embedding_k_exp: Annotated[float, AtLeast(0)] = 1.0
    embedding_nearest_weight: Weight = 0.7
    embedding_top_k_weight: Weight = 0.3
    embedding_overlap_threshold: Fraction = 0.85
    link_preview_timeout: Annotated[float, AtLeast(0.001)] = 5.0
    embedding_min_relative_improvement: Fraction = 0.1
    embedding_validation_min_score: Fraction = 0.3
    embedding_quality_min_confidence: Fraction = 0.7
    embedding_quality_max_confidence: Fraction = 0.95
    embedding_quality_scale_factor: Annotated[float, AtLeast(0)] = 0.833

    def validate(self) -> None:
        """Check the current value of every option, and that each group of weights weighs something.

        Raises:
            ConfigError: A value cannot be used.
        """
        super().validate()
        for group in (
            ("coverage_weight", "consistency_weight", "saturation_weight"),
            ("relevance_weight", "novelty_weight", "authority_weight"),
            ("embedding_nearest_weight", "embedding_top_k_weight"),
        ):
            if sum(getattr(self, name) for name in group) <= 0:
                raise ConfigError(f"AdaptiveConfig: one of {', '.join(group)} must be above 0.")
