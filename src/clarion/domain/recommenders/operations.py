"""AWS operations of recommender configurations."""

from __future__ import annotations

from clarion.core.clock import iso_ms
from clarion.core.pages import page_size
from clarion.domain.recommenders.service import Recommenders, decode
from clarion.domain.recommenders.store import RecommenderRow
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class RecommendersOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, recommenders: Recommenders) -> None:
        self._recommenders = recommenders

    def create_recommender_configuration(
        self, ctx: Context, request: shapes.CreateRecommenderConfigurationRequest
    ) -> shapes.RecommenderConfigurationResponse:
        return show(self._recommenders.create(ctx.scope, request.create_recommender_configuration))

    def get_recommender_configuration(
        self, ctx: Context, request: shapes.GetRecommenderConfigurationRequest
    ) -> shapes.RecommenderConfigurationResponse:
        return show(self._recommenders.get(ctx.scope, request.recommender_id))

    def get_recommender_configurations(
        self, ctx: Context, request: shapes.GetRecommenderConfigurationsRequest
    ) -> shapes.ListRecommenderConfigurationsResponse:
        rows, token = self._recommenders.page(ctx.scope, page_size(request.page_size), request.token)
        return shapes.ListRecommenderConfigurationsResponse(item=[show(row) for row in rows], next_token=token)

    def update_recommender_configuration(
        self, ctx: Context, request: shapes.UpdateRecommenderConfigurationRequest
    ) -> shapes.RecommenderConfigurationResponse:
        sent = request.update_recommender_configuration
        return show(self._recommenders.update(ctx.scope, request.recommender_id, sent))

    def delete_recommender_configuration(
        self, ctx: Context, request: shapes.DeleteRecommenderConfigurationRequest
    ) -> shapes.RecommenderConfigurationResponse:
        return show(self._recommenders.delete(ctx.scope, request.recommender_id))


def show(row: RecommenderRow) -> shapes.RecommenderConfigurationResponse:
    """A configuration in the API's shape: what was stored, with id and dates."""
    kept = decode(row)
    return shapes.RecommenderConfigurationResponse(
        attributes=dict(kept.attributes) if kept.attributes else None,
        creation_date=iso_ms(row.created_ms),
        description=kept.description,
        id=row.id,
        last_modified_date=iso_ms(row.modified_ms),
        name=kept.name,
        recommendation_provider_id_type=kept.id_type,
        recommendation_provider_role_arn=kept.role,
        recommendation_provider_uri=kept.provider,
        recommendation_transformer_uri=kept.transformer,
        recommendations_display_name=kept.display_name,
        recommendations_per_message=kept.items,
    )
